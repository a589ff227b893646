import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.xml.sax.SAXException;

/**
 * Validates documents with the JDK's own validator. Reads from standard input, again and again: the path of a schema
 * (modified UTF-8 with its length), the length of a document in four octets, the document. Answers a line each: valid, or
 * invalid and the reason.
 */
public final class Validate {
    public static void main(String[] arguments) throws IOException, SAXException {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        Map<String, Validator> validators = new HashMap<>();
        StringBuilder verdicts = new StringBuilder();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(System.in))) {
            while (true) {
                String path;
                try {
                    path = in.readUTF();
                } catch (EOFException end) {
                    break;
                }
                byte[] document = in.readNBytes(in.readInt());
                if (!validators.containsKey(path)) {
                    Schema schema = factory.newSchema(new File(path));
                    validators.put(path, schema.newValidator());
                }
                try {
                    validators.get(path).validate(new StreamSource(new ByteArrayInputStream(document)));
                    verdicts.append("valid\n");
                } catch (SAXException fault) {
                    verdicts.append("invalid ").append(String.valueOf(fault.getMessage()).replace('\n', ' ')).append('\n');
                }
            }
        }
        System.out.print(verdicts);
    }
}
