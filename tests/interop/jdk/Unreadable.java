/** The message cannot be read far enough for a judgement of its signature. */
final class Unreadable extends Exception {
    Unreadable(String reason) {
        super(reason);
    }
}
