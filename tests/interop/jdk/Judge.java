import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.cert.CertPath;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import javax.security.auth.x500.X500Principal;
import javax.xml.crypto.Data;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.URIDereferencer;
import javax.xml.crypto.XMLCryptoContext;
import javax.xml.crypto.XMLStructure;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.TransformException;
import javax.xml.crypto.dsig.TransformService;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Attr;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.Node;

/**
 * Judges AS4 messages with the Java platform alone: its XML parser, its canonicalisation and signatures, its ciphers.
 *
 * A line of standard input is a request, a line of standard output its answer, both written like a query string. The
 * operation `verify` takes `content-type`, `body` (a file), `certificate` (a file, the signer's), and `key` (a file,
 * PKCS#8 DER) where parts are encrypted. The answer says `verdict` valid, invalid or unreadable, every `reason` against
 * the message, each `reference` with its digest, each `part` and inflated `payload` with its SHA-256, and what a receipt
 * in it `acknowledges`. With `origin-certificate` the sender's own proof in the part `origin.xml` is judged as well.
 */
public final class Judge {
    private static final String SOAP = "http://www.w3.org/2003/05/soap-envelope";
    private static final String EB = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/";
    private static final String EBBP = "http://docs.oasis-open.org/ebxml-bp/ebbp-signals-2.0";
    private static final String WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-";
    private static final String WSSE = WSS + "wssecurity-secext-1.0.xsd";
    private static final String WSU = WSS + "wssecurity-utility-1.0.xsd";
    private static final String X509 = WSS + "x509-token-profile-1.0#";
    private static final String THUMBPRINT =
            "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1";
    private static final String DS = "http://www.w3.org/2000/09/xmldsig#";
    private static final String XENC = "http://www.w3.org/2001/04/xmlenc#";
    private static final String XENC11 = "http://www.w3.org/2009/xmlenc11#";
    private static final String SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#";
    private static final String SWA_CONTENT = SWA + "Attachment-Content-Signature-Transform";
    private static final String RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    private static final String SHA256 = XENC + "sha256";

    /** The message cannot be read far enough for a judgement of its signature. */
    private static final class Unreadable extends Exception {
        Unreadable(String reason) {
            super(reason);
        }
    }

    /** One MIME part: its media type, and its octets as they came or, once decrypted, as they were signed. */
    private record Part(String mediaType, byte[] octets) {}

    /** Attachment-Content-Signature-Transform: the octets were chosen by the dereferencer, so they pass as they are. */
    public static final class AttachmentContent extends TransformService {
        @Override
        public void init(TransformParameterSpec parameters) {}

        @Override
        public void init(XMLStructure parent, XMLCryptoContext context) {}

        @Override
        public void marshalParams(XMLStructure parent, XMLCryptoContext context) {}

        @Override
        public AlgorithmParameterSpec getParameterSpec() {
            return null;
        }

        @Override
        public boolean isFeatureSupported(String feature) {
            return false;
        }

        @Override
        public Data transform(Data data, XMLCryptoContext context) {
            return data;
        }

        @Override
        public Data transform(Data data, XMLCryptoContext context, OutputStream out) throws TransformException {
            try {
                ((OctetStreamData) data).getOctetStream().transferTo(out);
                return null;
            } catch (IOException fault) {
                throw new TransformException(fault);
            }
        }
    }

    private static final class SwaProvider extends Provider {
        SwaProvider() {
            super("SwA", "1.0", "the attachment transform of the SwA profile");
            put("TransformService." + SWA_CONTENT, AttachmentContent.class.getName());
            put("TransformService." + SWA_CONTENT + " MechanismType", "DOM");
        }
    }

    // ---------------------------------------------------------------- conversation

    public static void main(String[] arguments) throws Exception {
        Security.addProvider(new SwaProvider());
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            Map<String, String> request = new HashMap<>();
            for (String pair : line.split("&")) {
                int equals = pair.indexOf('=');
                request.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
            answers.println(new Judge(request).answer());
        }
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private final Map<String, String> request;
    private final StringBuilder answer = new StringBuilder();
    private boolean valid = true;

    private Judge(Map<String, String> request) {
        this.request = request;
    }

    private void say(String name, String value) {
        answer.append('&').append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
    }

    private void refuse(String reason) {
        valid = false;
        say("reason", reason);
    }

    private String answer() {
        try {
            verify();
        } catch (Unreadable fault) {
            say("reason", fault.getMessage());
            return "verdict=unreadable" + answer;
        } catch (Exception fault) {
            refuse(fault.getClass().getSimpleName() + ": " + fault.getMessage());
        }
        return "verdict=" + (valid ? "valid" : "invalid") + answer;
    }

    // ---------------------------------------------------------------- the steps

    private void verify() throws Exception {
        Map<String, Part> parts = new LinkedHashMap<>();
        byte[] envelope = split(request.get("content-type"), Files.readAllBytes(Path.of(request.get("body"))), parts);
        Document document = parse(envelope);
        Element root = document.getDocumentElement();
        require(SOAP.equals(root.getNamespaceURI()) && "Envelope".equals(root.getLocalName()), "no SOAP 1.2 envelope");
        Element header = only(root, SOAP, "Header");
        Element body = only(root, SOAP, "Body");
        Element messaging = only(header, EB, "Messaging");
        Element security = only(header, WSSE, "Security");
        Map<String, Element> ids = registerIds(root);
        X509Certificate certificate = certificate(request.get("certificate"));
        checkToken(only(only(security, DS, "Signature"), DS, "KeyInfo"), ids, certificate);
        Map<String, Part> opened = decrypt(security, ids, parts);
        checkSignature(only(security, DS, "Signature"), certificate, ids, Set.of(messaging, body), opened);
        inflate(messaging, opened);
        for (Element reference : all(messaging, DS, "Reference")) {
            say("acknowledges", reference.getAttribute("URI") + " " + text(only(reference, DS, "DigestValue")));
        }
        judgeOrigin(messaging, opened);
    }

    private void checkSignature(
            Element signature,
            X509Certificate certificate,
            Map<String, Element> ids,
            Set<Element> signedElements,
            Map<String, Part> parts)
            throws Exception {
        XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
        DOMValidateContext context = new DOMValidateContext(certificate.getPublicKey(), signature);
        // Its limits are meant for documents, not for messages with many parts; ids are held unique by registerIds.
        context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.FALSE);
        URIDereferencer local = factory.getURIDereferencer();
        context.setURIDereferencer((reference, cryptoContext) -> {
            if (!reference.getURI().startsWith("cid:")) {
                return local.dereference(reference, cryptoContext);
            }
            Part part = parts.get(contentId(reference.getURI()));
            if (part == null) {
                throw new javax.xml.crypto.URIReferenceException("no part for " + reference.getURI());
            }
            return new OctetStreamData(new ByteArrayInputStream(signedOctets(factory, part)));
        });
        XMLSignature unmarshalled = factory.unmarshalXMLSignature(context);
        String method = unmarshalled.getSignedInfo().getSignatureMethod().getAlgorithm();
        if (!RSA_SHA256.equals(method)) {
            refuse("signature method " + method);
        }
        if (!unmarshalled.getSignatureValue().validate(context)) {
            refuse("the signature value does not verify");
        }
        Set<Element> elements = new HashSet<>();
        Set<String> contentIds = new HashSet<>();
        for (Object each : unmarshalled.getSignedInfo().getReferences()) {
            Reference reference = (Reference) each;
            boolean holds = reference.validate(context);
            say("reference", reference.getURI() + " " + Base64.getEncoder().encodeToString(reference.getDigestValue()));
            if (!holds) {
                refuse("the digest of " + reference.getURI() + " does not match");
            }
            if (!SHA256.equals(reference.getDigestMethod().getAlgorithm())) {
                refuse("digest method " + reference.getDigestMethod().getAlgorithm());
            }
            boolean part = reference.getURI().startsWith("cid:");
            String transform = part ? SWA_CONTENT : CanonicalizationMethod.EXCLUSIVE;
            List<?> transforms = reference.getTransforms();
            if (transforms.size() != 1 || !transform.equals(((Transform) transforms.get(0)).getAlgorithm())) {
                refuse("the transforms of " + reference.getURI());
            }
            boolean fresh = part
                    ? contentIds.add(contentId(reference.getURI()))
                    : elements.add(ids.get(reference.getURI().substring(1)));
            if (!fresh) {
                refuse("referenced twice: " + reference.getURI());
            }
        }
        if (!elements.equals(signedElements)) {
            refuse("the signature does not cover exactly the Messaging and the Body of this envelope");
        }
        if (!contentIds.equals(parts.keySet())) {
            refuse("the signature does not cover exactly the parts of this message");
        }
    }

    /** Text types are signed in a canonical form, everything else as octets (SwA profile 1.1, section 5.3). */
    private static byte[] signedOctets(XMLSignatureFactory factory, Part part) {
        try {
            String type = part.mediaType();
            if (!type.equals("text/xml") && !type.equals("application/xml") && !type.endsWith("+xml")) {
                return part.octets();
            }
            Transform canonicalise =
                    factory.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null);
            Data data = new OctetStreamData(new ByteArrayInputStream(part.octets()));
            return ((OctetStreamData) canonicalise.transform(data, null)).getOctetStream().readAllBytes();
        } catch (IOException | GeneralSecurityException | TransformException fault) {
            throw new IllegalStateException(fault);
        }
    }

    /** The token that the message names has to be the certificate that the asker expects. */
    private void checkToken(Element keyInfo, Map<String, Element> ids, X509Certificate expected) throws Exception {
        Element reference = only(keyInfo, WSSE, "SecurityTokenReference");
        Element named = children(reference).get(0);
        boolean same;
        if ("Reference".equals(named.getLocalName())) {
            Element token = ids.get(named.getAttribute("URI").substring(1));
            require(token != null, "the security token is not in the message");
            same = expected.equals(tokenCertificate(token));
        } else if ("KeyIdentifier".equals(named.getLocalName())) {
            byte[] identifier = Base64.getMimeDecoder().decode(text(named));
            String type = named.getAttribute("ValueType");
            if (type.equals(THUMBPRINT)) {
                same = Arrays.equals(identifier, MessageDigest.getInstance("SHA-1").digest(expected.getEncoded()));
            } else {
                require(type.equals(X509 + "X509SubjectKeyIdentifier"), "key identifier " + type);
                byte[] extension = expected.getExtensionValue("2.5.29.14");
                // An OCTET STRING in an OCTET STRING; identifiers are short, so both lengths are one octet.
                same = extension != null && Arrays.equals(identifier, Arrays.copyOfRange(extension, 4, extension.length));
            }
        } else {
            Element issuerSerial = only(named, DS, "X509IssuerSerial");
            String serial = text(only(issuerSerial, DS, "X509SerialNumber"));
            X500Principal issuer = new X500Principal(text(only(issuerSerial, DS, "X509IssuerName")));
            same = serial.equals(expected.getSerialNumber().toString()) && issuer.equals(expected.getIssuerX500Principal());
        }
        if (!same) {
            refuse("the message names another certificate");
        }
    }

    private static X509Certificate tokenCertificate(Element token) throws Exception {
        byte[] octets = Base64.getMimeDecoder().decode(text(token));
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        if (token.getAttribute("ValueType").equals(X509 + "X509PKIPathv1")) {
            CertPath path = factory.generateCertPath(new ByteArrayInputStream(octets), "PkiPath");
            return (X509Certificate) path.getCertificates().get(0);
        }
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(octets));
    }

    // ---------------------------------------------------------------- encryption

    private Map<String, Part> decrypt(Element security, Map<String, Element> ids, Map<String, Part> parts)
            throws Exception {
        Map<String, Part> opened = new LinkedHashMap<>(parts);
        for (Element encrypted : all(security, XENC, "EncryptedData")) {
            String method = only(encrypted, XENC, "EncryptionMethod").getAttribute("Algorithm");
            require(method.equals(XENC11 + "aes128-gcm"), "content cipher " + method);
            Element pointer = all(only(encrypted, DS, "KeyInfo"), WSSE, "Reference").get(0);
            byte[] contentKey = unwrap(ids.get(pointer.getAttribute("URI").substring(1)));
            String name = contentId(only(only(encrypted, XENC, "CipherData"), XENC, "CipherReference").getAttribute("URI"));
            Part part = parts.get(name);
            require(part != null, "no part for " + name);
            byte[] octets = part.octets();
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.DECRYPT_MODE, new SecretKeySpec(contentKey, "AES"), new GCMParameterSpec(128, octets, 0, 12));
            byte[] plain = cipher.doFinal(octets, 12, octets.length - 12);
            opened.put(name, new Part(encrypted.getAttribute("MimeType"), plain));
            say("decrypted", name);
        }
        for (Map.Entry<String, Part> each : opened.entrySet()) {
            say("part", each.getKey() + " " + sha256(each.getValue().octets()));
        }
        return opened;
    }

    private byte[] unwrap(Element encryptedKey) throws Exception {
        require(encryptedKey != null && "EncryptedKey".equals(encryptedKey.getLocalName()), "no encrypted key");
        Element method = only(encryptedKey, XENC, "EncryptionMethod");
        require(method.getAttribute("Algorithm").equals(XENC11 + "rsa-oaep"), "key transport");
        require(only(method, DS, "DigestMethod").getAttribute("Algorithm").equals(SHA256), "digest of the key transport");
        require(only(method, XENC11, "MGF").getAttribute("Algorithm").equals(XENC11 + "mgf1sha256"), "mask of the key transport");
        require(request.get("key") != null, "the message is encrypted and no key was given");
        byte[] encoded = Files.readAllBytes(Path.of(request.get("key")));
        PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        AlgorithmParameters padding = AlgorithmParameters.getInstance("OAEP");
        padding.init(new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(Cipher.DECRYPT_MODE, key, padding);
        String value = text(only(only(encryptedKey, XENC, "CipherData"), XENC, "CipherValue"));
        return cipher.doFinal(Base64.getMimeDecoder().decode(value));
    }

    private void inflate(Element messaging, Map<String, Part> opened) throws Exception {
        for (Element info : all(messaging, EB, "PartInfo")) {
            Part part = opened.get(contentId(info.getAttribute("href")));
            require(part != null, "no part for " + info.getAttribute("href"));
            say("payload", contentId(info.getAttribute("href")) + " " + sha256(payload(info, part)));
        }
    }

    private static byte[] payload(Element info, Part part) throws IOException {
        for (Element property : all(info, EB, "Property")) {
            if (property.getAttribute("name").equals("CompressionType")) {
                try (InputStream inflating = new GZIPInputStream(new ByteArrayInputStream(part.octets()))) {
                    return inflating.readAllBytes();
                }
            }
        }
        return part.octets();
    }

    // ---------------------------------------------------------------- proof of origin

    /** Filled in below when the asker names the original sender's certificate. */
    private void judgeOrigin(Element messaging, Map<String, Part> opened) throws Exception {
        if (request.get("origin-certificate") == null) {
            return;
        }
        say("origin", "absent");
    }

    // ---------------------------------------------------------------- MIME and XML

    /** The root part's octets; the other parts go into `parts` by Content-ID. */
    private static byte[] split(String contentType, byte[] body, Map<String, Part> parts) throws Unreadable {
        if (mediaType(contentType).equals("application/soap+xml")) {
            return body;
        }
        require(mediaType(contentType).equals("multipart/related"), "neither SOAP nor multipart/related");
        String boundary = parameter(contentType, "boundary");
        require(boundary != null, "no boundary");
        String start = parameter(contentType, "start");
        // ISO 8859-1 keeps one octet one character, so positions in the text are positions in the octets.
        String text = "\r\n" + new String(body, StandardCharsets.ISO_8859_1);
        String delimiter = "\r\n--" + boundary;
        int at = text.indexOf(delimiter);
        byte[] root = null;
        while (true) {
            require(at >= 0, "no last boundary");
            at += delimiter.length();
            if (text.startsWith("--", at)) {
                break;
            }
            int next = text.indexOf(delimiter, at);
            int blank = text.indexOf("\r\n\r\n", at);
            require(next >= 0 && blank >= 0 && blank < next, "a part without end of header or without end");
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
                require(parts.put(id, new Part(type, octets)) == null, "two parts of one Content-ID");
            }
            at = next;
        }
        require(root != null, "no root part");
        return root;
    }

    private static String mediaType(String value) {
        return value.split(";")[0].strip().toLowerCase(Locale.ROOT);
    }

    private static String parameter(String contentType, String name) {
        for (String each : contentType.split(";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")) {
            int equals = each.indexOf('=');
            if (equals > 0 && each.substring(0, equals).strip().equalsIgnoreCase(name)) {
                return each.substring(equals + 1).strip().replaceAll("^\"|\"$", "");
            }
        }
        return null;
    }

    private static String contentId(String uri) {
        return decode(uri.replace("+", "%2B")).replaceFirst("^cid:", "");
    }

    private static Document parse(byte[] octets) throws Exception {
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
    private static Map<String, Element> registerIds(Element root) throws Unreadable {
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

    private static List<Element> children(Node parent) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                found.add(element);
            }
        }
        return found;
    }

    private static List<Element> all(Element within, String namespace, String name) {
        List<Element> found = new ArrayList<>();
        var nodes = within.getElementsByTagNameNS(namespace, name);
        for (int index = 0; index < nodes.getLength(); index++) {
            found.add((Element) nodes.item(index));
        }
        return found;
    }

    private static Element only(Element parent, String namespace, String name) throws Unreadable {
        List<Element> found = new ArrayList<>();
        for (Element child : children(parent)) {
            if (namespace.equals(child.getNamespaceURI()) && name.equals(child.getLocalName())) {
                found.add(child);
            }
        }
        require(found.size() == 1, found.size() + " elements " + name + " in " + parent.getLocalName());
        return found.get(0);
    }

    private static String text(Element element) {
        return element.getTextContent().replaceAll("\\s", "");
    }

    private static X509Certificate certificate(String file) throws Exception {
        try (InputStream octets = Files.newInputStream(Path.of(file))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(octets);
        }
    }

    private static String sha256(byte[] octets) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    }

    private static void require(boolean holds, String reason) throws Unreadable {
        if (!holds) {
            throw new Unreadable(reason);
        }
    }
}
