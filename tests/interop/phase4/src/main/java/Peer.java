import com.helger.servlet.mock.MockServletContext;
import com.helger.web.scope.mgr.WebScopeManager;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * A partner on phase4: each line of standard input is a request, each line of standard output its answer, both as the
 * query string of a URL. {@code operation} is push or pull; the names of the other fields stand where they are read.
 */
public final class Peer {
  private Peer() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err); // a library that talks would stand between the answers
    Security.addProvider(new BouncyCastleProvider());
    WebScopeManager.onGlobalBegin(MockServletContext.create());
    try {
      BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        answers.println(write(answer(read(line))));
        answers.flush();
      }
    } finally {
      WebScopeManager.onGlobalEnd();
    }
  }

  private static Map<String, String> answer(Map<String, String> request) {
    Map<String, String> answer = new LinkedHashMap<>();
    try {
      switch (request.getOrDefault("operation", "")) {
        case "push" -> Push.send(request, answer);
        case "pull" -> Pull.collect(request, answer);
        default -> answer.put("fault", "no such operation");
      }
    } catch (Exception fault) {
      answer.put("fault", fault.toString());
      fault.printStackTrace();
    }
    return answer;
  }

  private static Map<String, String> read(String line) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String pair : line.split("&")) {
      int equals = pair.indexOf('=');
      fields.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
    }
    return fields;
  }

  private static String write(Map<String, String> fields) {
    StringBuilder line = new StringBuilder();
    fields.forEach(
        (name, value) -> line.append(line.isEmpty() ? "" : "&").append(encoded(name)).append('=').append(encoded(value)));
    return line.toString();
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text == null ? "" : text, StandardCharsets.UTF_8);
  }
}
