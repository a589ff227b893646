import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;

/** Reading XML: documents without a DTD, elements at fixed positions, ids that occur once. */
final class Xml {
    static final String SOAP = "http://www.w3.org/2003/05/soap-envelope";
    static final String EB = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/";
    static final String EBBP = "http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0";
    static final String WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
    static final String WSSE = WSS + "wssecurity-secext-1.0.xsd";
    static final String WSU = WSS + "wssecurity-utility-1.0.xsd";
    static final String X509 = WSS + "x509-token-profile-1.0#";
    static final String THUMBPRINT =
            "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1";
    static final String DS = "http://www.w3.org/2000/09/xmldsig#";
    static final String XENC = "http://www.w3.org/2001/04/xmlenc#";
    static final String XENC11 = "http://www.w3.org/2009/xmlenc11#";
    static final String SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#";
    static final String SWA_CONTENT = SWA + "Attachment-Content-Signature-Transform";
    static final String RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    static final String SHA256 = XENC + "sha256";

    private Xml() {}

    static Document parse(byte[] octets) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null);
        try {
            return builder.parse(new ByteArrayInputStream(octets));
        } catch (org.xml.sax.SAXException fault) {
            throw new Unreadable("not well-formed");
        }
    }

    /** Every attribute that may serve as an id, each value once in the whole document. */
    static Map<String, Element> registerIds(Element root) throws Unreadable {
        Map<String, Element> ids = new HashMap<>();
        for (Element element : all(root, "*", "*")) {
            NamedNodeMap attributes = element.getAttributes();
            for (int index = 0; index < attributes.getLength(); index++) {
                Attr attribute = (Attr) attributes.item(index);
                boolean utility = WSU.equals(attribute.getNamespaceURI()) && attribute.getLocalName().equals("Id");
                if (utility || attribute.getNamespaceURI() == null && attribute.getName().equalsIgnoreCase("id")) {
                    require(ids.put(attribute.getValue(), element) == null, "two elements of one id");
                    element.setIdAttributeNode(attribute, true);
                }
            }
        }
        return ids;
    }

    static List<Element> children(Node parent) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }

    static List<Element> all(Element within, String namespace, String name) {
        List<Element> found = new ArrayList<>();
        var nodes = within.getElementsByTagNameNS(namespace, name);
        for (int index = 0; index < nodes.getLength(); index++) {
            found.add((Element) nodes.item(index));
        }
        return found;
    }

    static Element only(Element parent, String namespace, String name) throws Unreadable {
        List<Element> found = new ArrayList<>();
        for (Element child : children(parent)) {
            if (namespace.equals(child.getNamespaceURI()) && name.equals(child.getLocalName())) {
                found.add(child);
            }
        }
        require(found.size() == 1, found.size() + " elements " + name + " in " + parent.getLocalName());
        return found.get(0);
    }

    static String text(Element element) {
        return element.getTextContent().replaceAll("\\s", "");
    }

    static void require(boolean holds, String reason) throws Unreadable {
        if (!holds) {
            throw new Unreadable(reason);
        }
    }
}
