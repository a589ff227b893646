import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
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
import java.security.cert.CertPath;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
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
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.TransformException;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import org.w3c.dom.Element;

/**
 * Judges AS4 messages with the Java platform alone: its XML parser, its canonicalisation and signatures, its ciphers.
 *
 * A line of standard input is a request, a line of standard output its answer, both written like a query string. The
 * operation `verify` takes `content-type`, `body` (a file), `certificate` (a file, the signer's), and `key` (a file,
 * PKCS#8 DER) where parts are encrypted. The answer says `verdict` valid, invalid or unreadable, every `reason` against
 * the message, each `reference` with its digest, each `part` and inflated `payload` with its SHA-256, and what a
 * receipt in it `acknowledges`. With `origin-certificate` the sender's own proof is judged as well: `origin` is then
 * the MessageId that the sender gave. The operation `make` is Maker's.
 */
public final class Judge {
    public static void main(String[] arguments) throws Exception {
        AttachmentContent.register();
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            Map<String, String> request = new HashMap<>();
            for (String pair : line.split("&")) {
                int equals = pair.indexOf('=');
                request.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
            answers.println(request.get("operation").equals("make") ? made(request) : new Judge(request).answer());
        }
    }

    private static String made(Map<String, String> request) {
        try {
            new Maker(request).make();
            return "outcome=made";
        } catch (Exception fault) {
            return "outcome=" + URLEncoder.encode(fault.toString(), StandardCharsets.UTF_8);
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
        Map<String, Mime.Part> parts = new LinkedHashMap<>();
        byte[] body = Files.readAllBytes(Path.of(request.get("body")));
        Element root = Xml.parse(Mime.split(request.get("content-type"), body, parts)).getDocumentElement();
        Xml.require(Xml.SOAP.equals(root.getNamespaceURI()), "no SOAP 1.2 envelope");
        Element header = Xml.only(root, Xml.SOAP, "Header");
        Element soapBody = Xml.only(root, Xml.SOAP, "Body");
        Element messaging = Xml.only(header, Xml.EB, "Messaging");
        Element security = Xml.only(header, Xml.WSSE, "Security");
        Map<String, Element> ids = Xml.registerIds(root);
        X509Certificate certificate = certificate(request.get("certificate"));
        Element signature = Xml.only(security, Xml.DS, "Signature");
        checkToken(Xml.only(signature, Xml.DS, "KeyInfo"), ids, certificate);
        Map<String, Mime.Part> opened = decrypt(security, ids, parts);
        checkSignature("reference", signature, certificate, ids, Set.of(messaging, soapBody), opened);
        inflate(messaging, opened);
        for (Element reference : Xml.all(messaging, Xml.DS, "Reference")) {
            String digest = Xml.text(Xml.only(reference, Xml.DS, "DigestValue"));
            say("acknowledges", reference.getAttribute("URI") + " " + digest);
        }
        judgeOrigin(messaging, opened);
    }

    private void checkSignature(
            String saidAs,
            Element signature,
            X509Certificate certificate,
            Map<String, Element> ids,
            Set<Element> signedElements,
            Map<String, Mime.Part> parts)
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
            Mime.Part part = parts.get(Mime.contentId(reference.getURI()));
            if (part == null) {
                throw new javax.xml.crypto.URIReferenceException("no part for " + reference.getURI());
            }
            return new OctetStreamData(new ByteArrayInputStream(signedOctets(factory, part)));
        });
        XMLSignature unmarshalled = factory.unmarshalXMLSignature(context);
        String method = unmarshalled.getSignedInfo().getSignatureMethod().getAlgorithm();
        if (!Xml.RSA_SHA256.equals(method)) {
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
            say(saidAs, reference.getURI() + " " + Base64.getEncoder().encodeToString(reference.getDigestValue()));
            if (!holds) {
                refuse("the digest of " + reference.getURI() + " does not match");
            }
            if (!Xml.SHA256.equals(reference.getDigestMethod().getAlgorithm())) {
                refuse("digest method " + reference.getDigestMethod().getAlgorithm());
            }
            boolean part = reference.getURI().startsWith("cid:");
            String transform = part ? Xml.SWA_CONTENT : CanonicalizationMethod.EXCLUSIVE;
            List<?> transforms = reference.getTransforms();
            if (transforms.size() != 1 || !transform.equals(((Transform) transforms.get(0)).getAlgorithm())) {
                refuse("the transforms of " + reference.getURI());
            }
            boolean fresh = part
                    ? contentIds.add(Mime.contentId(reference.getURI()))
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
    static byte[] signedOctets(XMLSignatureFactory factory, Mime.Part part) {
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
        Element reference = Xml.only(keyInfo, Xml.WSSE, "SecurityTokenReference");
        Element named = Xml.children(reference).get(0);
        boolean same;
        if ("Reference".equals(named.getLocalName())) {
            Element token = ids.get(named.getAttribute("URI").substring(1));
            Xml.require(token != null, "the security token is not in the message");
            same = expected.equals(tokenCertificate(token));
        } else if ("KeyIdentifier".equals(named.getLocalName())) {
            byte[] identifier = Base64.getMimeDecoder().decode(Xml.text(named));
            String type = named.getAttribute("ValueType");
            if (type.equals(Xml.THUMBPRINT)) {
                same = Arrays.equals(identifier, MessageDigest.getInstance("SHA-1").digest(expected.getEncoded()));
            } else {
                Xml.require(type.equals(Xml.X509 + "X509SubjectKeyIdentifier"), "key identifier " + type);
                byte[] extension = expected.getExtensionValue("2.5.29.14");
                // An OCTET STRING in an OCTET STRING; identifiers are short, so both lengths are one octet.
                Xml.require(extension != null, "the certificate has no key identifier");
                same = Arrays.equals(identifier, Arrays.copyOfRange(extension, 4, extension.length));
            }
        } else {
            Element issuerSerial = Xml.only(named, Xml.DS, "X509IssuerSerial");
            String serial = Xml.text(Xml.only(issuerSerial, Xml.DS, "X509SerialNumber"));
            String issuer = Xml.only(issuerSerial, Xml.DS, "X509IssuerName").getTextContent().strip();
            same = serial.equals(expected.getSerialNumber().toString())
                    && new X500Principal(issuer).equals(expected.getIssuerX500Principal());
        }
        if (!same) {
            refuse("the message names another certificate");
        }
    }

    private static X509Certificate tokenCertificate(Element token) throws Exception {
        byte[] octets = Base64.getMimeDecoder().decode(Xml.text(token));
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        if (token.getAttribute("ValueType").equals(Xml.X509 + "X509PKIPathv1")) {
            CertPath path = factory.generateCertPath(new ByteArrayInputStream(octets), "PkiPath");
            return (X509Certificate) path.getCertificates().get(0);
        }
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(octets));
    }

    // ---------------------------------------------------------------- encryption

    private Map<String, Mime.Part> decrypt(Element security, Map<String, Element> ids, Map<String, Mime.Part> parts)
            throws Exception {
        Map<String, Mime.Part> opened = new LinkedHashMap<>(parts);
        for (Element encrypted : Xml.all(security, Xml.XENC, "EncryptedData")) {
            String method = Xml.only(encrypted, Xml.XENC, "EncryptionMethod").getAttribute("Algorithm");
            Xml.require(method.equals(Xml.XENC11 + "aes128-gcm"), "content cipher " + method);
            Element pointer = Xml.all(Xml.only(encrypted, Xml.DS, "KeyInfo"), Xml.WSSE, "Reference").get(0);
            byte[] contentKey = unwrap(ids.get(pointer.getAttribute("URI").substring(1)));
            Element cipherData = Xml.only(encrypted, Xml.XENC, "CipherData");
            String name = Mime.contentId(Xml.only(cipherData, Xml.XENC, "CipherReference").getAttribute("URI"));
            Mime.Part part = parts.get(name);
            Xml.require(part != null, "no part for " + name);
            byte[] octets = part.octets();
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            GCMParameterSpec iv = new GCMParameterSpec(128, octets, 0, 12);
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(contentKey, "AES"), iv);
            byte[] plain = cipher.doFinal(octets, 12, octets.length - 12);
            opened.put(name, new Mime.Part(encrypted.getAttribute("MimeType"), plain));
            say("decrypted", name);
        }
        for (Map.Entry<String, Mime.Part> each : opened.entrySet()) {
            say("part", each.getKey() + " " + sha256(each.getValue().octets()));
        }
        return opened;
    }

    private byte[] unwrap(Element encryptedKey) throws Exception {
        Xml.require(encryptedKey != null && "EncryptedKey".equals(encryptedKey.getLocalName()), "no encrypted key");
        Element method = Xml.only(encryptedKey, Xml.XENC, "EncryptionMethod");
        String digest = Xml.only(method, Xml.DS, "DigestMethod").getAttribute("Algorithm");
        String mask = Xml.only(method, Xml.XENC11, "MGF").getAttribute("Algorithm");
        Xml.require(method.getAttribute("Algorithm").equals(Xml.XENC11 + "rsa-oaep"), "key transport");
        Xml.require(digest.equals(Xml.SHA256), "the digest of the key transport");
        Xml.require(mask.equals(Xml.XENC11 + "mgf1sha256"), "the mask of the key transport");
        Xml.require(request.get("key") != null, "the message is encrypted and no key was given");
        byte[] encoded = Files.readAllBytes(Path.of(request.get("key")));
        PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        AlgorithmParameters padding = AlgorithmParameters.getInstance("OAEP");
        padding.init(new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(Cipher.DECRYPT_MODE, key, padding);
        String value = Xml.text(Xml.only(Xml.only(encryptedKey, Xml.XENC, "CipherData"), Xml.XENC, "CipherValue"));
        return cipher.doFinal(Base64.getMimeDecoder().decode(value));
    }

    private void inflate(Element messaging, Map<String, Mime.Part> opened) throws Exception {
        for (Element info : Xml.all(messaging, Xml.EB, "PartInfo")) {
            Mime.Part part = opened.get(Mime.contentId(info.getAttribute("href")));
            Xml.require(part != null, "no part for " + info.getAttribute("href"));
            say("payload", Mime.contentId(info.getAttribute("href")) + " " + sha256(payload(info, part)));
        }
    }

    private static byte[] payload(Element info, Mime.Part part) throws IOException {
        for (Element property : Xml.all(info, Xml.EB, "Property")) {
            if (property.getAttribute("name").equals("CompressionType")) {
                try (InputStream inflating = new GZIPInputStream(new ByteArrayInputStream(part.octets()))) {
                    return inflating.readAllBytes();
                }
            }
        }
        return part.octets();
    }

    // ---------------------------------------------------------------- proof of origin

    /** The sender's own signature, which the hub carries on: over these very parts, whoever passed them on. */
    private void judgeOrigin(Element messaging, Map<String, Mime.Part> opened) throws Exception {
        if (request.get("origin-certificate") == null) {
            return;
        }
        Map<String, Mime.Part> others = new LinkedHashMap<>(opened);
        byte[] octets = null;
        for (Element info : Xml.all(messaging, Xml.EB, "PartInfo")) {
            for (Element property : Xml.all(info, Xml.EB, "Property")) {
                if (property.getAttribute("name").equals("Purpose") && Xml.text(property).equals("proof-of-origin")) {
                    octets = payload(info, others.remove(Mime.contentId(info.getAttribute("href"))));
                }
            }
        }
        Xml.require(octets != null, "no proof of origin");
        Element root = Xml.parse(octets).getDocumentElement();
        Xml.require("urn:knooppunt:origin:1".equals(root.getNamespaceURI()), "the proof of origin is of another kind");
        Map<String, Element> ids = Xml.registerIds(root);
        X509Certificate sender = certificate(request.get("origin-certificate"));
        Element signature = Xml.only(root, Xml.DS, "Signature");
        checkToken(Xml.only(signature, Xml.DS, "KeyInfo"), ids, sender);
        Set<Element> signed = Set.of(Xml.only(root, Xml.EB, "Messaging"), Xml.only(root, Xml.SOAP, "Body"));
        checkSignature("origin-reference", signature, sender, ids, signed, others);
        say("origin", Xml.text(Xml.all(root, Xml.EB, "MessageId").get(0)));
    }

    static X509Certificate certificate(String file) throws Exception {
        try (InputStream octets = Files.newInputStream(Path.of(file))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(octets);
        }
    }

    private static String sha256(byte[] octets) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    }


}
