import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** Taking a multipart/related body apart, octet for octet. */
final class Mime {
    /** One MIME part: its media type, and its octets as they came or, once decrypted, as they were signed. */
    record Part(String mediaType, byte[] octets) {}

    private Mime() {}

    /** The root part's octets; the other parts go into `parts` by Content-ID. */
    static byte[] split(String contentType, byte[] body, Map<String, Part> parts) throws Unreadable {
        if (mediaType(contentType).equals("application/soap+xml")) {
            return body;
        }
        Xml.require(mediaType(contentType).equals("multipart/related"), "neither SOAP nor multipart/related");
        String boundary = parameter(contentType, "boundary");
        Xml.require(boundary != null, "no boundary");
        String start = parameter(contentType, "start");
        // ISO 8859-1 keeps one octet one character, so positions in the text are positions in the octets.
        String text = "\r\n" + new String(body, StandardCharsets.ISO_8859_1);
        String delimiter = "\r\n--" + boundary;
        int at = text.indexOf(delimiter);
        byte[] root = null;
        while (true) {
            Xml.require(at >= 0, "no last boundary");
            at += delimiter.length();
            if (text.startsWith("--", at)) {
                break;
            }
            int next = text.indexOf(delimiter, at);
            int blank = text.indexOf("\r\n\r\n", at);
            Xml.require(next >= 0 && blank >= 0 && blank < next, "a part without end of header or without end");
            String id = "";
            String type = "text/plain";
            for (String line : text.substring(at, blank).replaceAll("\r\n[ \t]+", " ").split("\r\n")) {
                String name = line.substring(0, Math.max(line.indexOf(':'), 0)).toLowerCase(Locale.ROOT);
                String value = line.substring(line.indexOf(':') + 1).strip();
                if (name.equals("content-id")) {
                    id = value.replaceAll("^<|>$", "");
                } else if (name.equals("content-type")) {
                    type = mediaType(value);
                }
            }
            byte[] octets = text.substring(blank + 4, next).getBytes(StandardCharsets.ISO_8859_1);
            if (root == null && (start == null || start.replaceAll("^<|>$", "").equals(id))) {
                root = octets;
            } else {
                Xml.require(parts.put(id, new Part(type, octets)) == null, "two parts of one Content-ID");
            }
            at = next;
        }
        Xml.require(root != null, "no root part");
        return root;
    }

    static String mediaType(String value) {
        return value.split(";")[0].strip().toLowerCase(Locale.ROOT);
    }

    static String parameter(String contentType, String name) {
        for (String each : contentType.split(";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")) {
            int equals = each.indexOf('=');
            if (equals > 0 && each.substring(0, equals).strip().equalsIgnoreCase(name)) {
                return each.substring(equals + 1).strip().replaceAll("^\"|\"$", "");
            }
        }
        return null;
    }

    static String contentId(String uri) {
        return URLDecoder.decode(uri.replace("+", "%2B"), StandardCharsets.UTF_8).replaceFirst("^cid:", "");
    }
}
