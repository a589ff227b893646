import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.URIDereferencer;
import javax.xml.crypto.dom.DOMStructure;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.keyinfo.KeyInfo;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.ExcC14NParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * Signs and encrypts an AS4 message with the Java platform alone, in forms that the product does not write itself.
 *
 * The operation `make` takes `envelope` (a file: SOAP with eb:Messaging and Body, each with a wsu:Id, no security yet),
 * `parts` (lines of Content-ID, media type and file), the signer's `certificate` and `key`, the certificate of the
 * `recipient`, and `prefixes` for InclusiveNamespaces. It writes the envelope and each encrypted part beside its file,
 * as `.out`. Certificates are named by issuer and serial number, as Java spells names.
 */
final class Maker {
    private static final String CONTENT_ONLY = Xml.SWA + "Attachment-Content-Only";
    private static final String CIPHERTEXT = Xml.SWA + "Attachment-Ciphertext-Transform";

    private final Map<String, String> request;
    private final Map<String, Mime.Part> parts = new LinkedHashMap<>();
    private final Map<String, Path> files = new LinkedHashMap<>();

    Maker(Map<String, String> request) {
        this.request = request;
    }

    void make() throws Exception {
        for (String line : request.get("parts").split("\n")) {
            String[] said = line.split(" ", 3);
            files.put(said[0], Path.of(said[2]));
            parts.put(said[0], new Mime.Part(said[1], Files.readAllBytes(Path.of(said[2]))));
        }
        Document document = Xml.parse(Files.readAllBytes(Path.of(request.get("envelope"))));
        Element root = document.getDocumentElement();
        Xml.registerIds(root);
        Element header = Xml.only(root, Xml.SOAP, "Header");
        Element security = document.createElementNS(Xml.WSSE, "wsse:Security");
        security.setAttributeNS("http://www.w3.org/2000/xmlns/", "xmlns:wsse", Xml.WSSE);
        security.setAttributeNS(Xml.SOAP, root.getPrefix() + ":mustUnderstand", "1");
        header.insertBefore(security, header.getFirstChild());
        String messaging = Xml.only(header, Xml.EB, "Messaging").getAttributeNS(Xml.WSU, "Id");
        sign(security, messaging, Xml.only(root, Xml.SOAP, "Body").getAttributeNS(Xml.WSU, "Id"));
        encrypt(security);
        write(document, Path.of(request.get("envelope") + ".out"));
    }

    private void sign(Element security, String messaging, String body) throws Exception {
        XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
        DigestMethod sha256 = factory.newDigestMethod(Xml.SHA256, null);
        ExcC14NParameterSpec prefixes = new ExcC14NParameterSpec(List.of(request.get("prefixes").split(" ")));
        TransformParameterSpec parameters = prefixes;
        Transform canonicalise = factory.newTransform(CanonicalizationMethod.EXCLUSIVE, parameters);
        Transform content = factory.newTransform(Xml.SWA_CONTENT, (TransformParameterSpec) null);
        List<Reference> references = new ArrayList<>();
        for (String contentId : parts.keySet()) {
            references.add(factory.newReference("cid:" + contentId, sha256, List.of(content), null, null));
        }
        for (String id : List.of(body, messaging)) {
            references.add(factory.newReference("#" + id, sha256, List.of(canonicalise), null, null));
        }
        SignedInfo signedInfo = factory.newSignedInfo(
                factory.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) prefixes),
                factory.newSignatureMethod(Xml.RSA_SHA256, null),
                references);
        Element named = nameCertificate(security.getOwnerDocument(), Judge.certificate(request.get("certificate")));
        KeyInfo keyInfo = factory.getKeyInfoFactory().newKeyInfo(List.of(new DOMStructure(named)));
        byte[] encoded = Files.readAllBytes(Path.of(request.get("key")));
        PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        DOMSignContext context = new DOMSignContext(key, security);
        context.putNamespacePrefix("http://www.w3.org/2000/09/xmldsig#", "dsig");
        URIDereferencer local = factory.getURIDereferencer();
        context.setURIDereferencer((reference, cryptoContext) -> reference.getURI().startsWith("cid:")
                ? new OctetStreamData(new ByteArrayInputStream(
                        Judge.signedOctets(factory, parts.get(reference.getURI().substring(4)))))
                : local.dereference(reference, cryptoContext));
        factory.newXMLSignature(signedInfo, keyInfo).sign(context);
    }

    private void encrypt(Element security) throws Exception {
        X509Certificate recipient = Judge.certificate(request.get("recipient"));
        byte[] contentKey = new byte[16];
        new SecureRandom().nextBytes(contentKey);
        Cipher transport = Cipher.getInstance("RSA/ECB/OAEPPadding");
        transport.init(
                Cipher.ENCRYPT_MODE,
                recipient.getPublicKey(),
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        Document document = security.getOwnerDocument();
        Element key = element(document, Xml.XENC, "xenc:EncryptedKey");
        key.setAttribute("Id", "the-key");
        Element method = child(key, Xml.XENC, "xenc:EncryptionMethod");
        method.setAttribute("Algorithm", Xml.XENC11 + "rsa-oaep");
        child(method, Xml.XENC11, "xenc11:MGF").setAttribute("Algorithm", Xml.XENC11 + "mgf1sha256");
        child(method, Xml.DS, "dsig:DigestMethod").setAttribute("Algorithm", Xml.SHA256);
        child(key, Xml.DS, "dsig:KeyInfo").appendChild(nameCertificate(document, recipient));
        String wrapped = Base64.getMimeEncoder().encodeToString(transport.doFinal(contentKey));
        child(child(key, Xml.XENC, "xenc:CipherData"), Xml.XENC, "xenc:CipherValue").setTextContent(wrapped);
        Element list = child(key, Xml.XENC, "xenc:ReferenceList");
        security.insertBefore(key, security.getFirstChild());
        int number = 0;
        for (Map.Entry<String, Mime.Part> part : parts.entrySet()) {
            String id = "data-" + ++number;
            child(list, Xml.XENC, "xenc:DataReference").setAttribute("URI", "#" + id);
            Element data = encryptedData(document, id, part.getKey(), part.getValue().mediaType());
            security.insertBefore(data, key.getNextSibling());
            Path file = files.get(part.getKey());
            try (OutputStream out = Files.newOutputStream(Path.of(file + ".out"))) {
                out.write(sealed(contentKey, part.getValue().octets()));
            }
        }
    }

    private static byte[] sealed(byte[] contentKey, byte[] octets) throws Exception {
        byte[] iv = new byte[12];
        new SecureRandom().nextBytes(iv);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(contentKey, "AES"), new GCMParameterSpec(128, iv));
        byte[] ciphertext = cipher.doFinal(octets);
        byte[] all = new byte[iv.length + ciphertext.length];
        System.arraycopy(iv, 0, all, 0, iv.length);
        System.arraycopy(ciphertext, 0, all, iv.length, ciphertext.length);
        return all;
    }

    private static Element encryptedData(Document document, String id, String contentId, String mediaType) {
        Element data = element(document, Xml.XENC, "xenc:EncryptedData");
        data.setAttribute("Id", id);
        data.setAttribute("MimeType", mediaType);
        data.setAttribute("Type", CONTENT_ONLY);
        child(data, Xml.XENC, "xenc:EncryptionMethod").setAttribute("Algorithm", Xml.XENC11 + "aes128-gcm");
        Element named = child(child(data, Xml.DS, "dsig:KeyInfo"), Xml.WSSE, "wsse:SecurityTokenReference");
        child(named, Xml.WSSE, "wsse:Reference").setAttribute("URI", "#the-key");
        Element reference = child(child(data, Xml.XENC, "xenc:CipherData"), Xml.XENC, "xenc:CipherReference");
        reference.setAttribute("URI", "cid:" + contentId);
        Element transforms = child(reference, Xml.XENC, "xenc:Transforms");
        child(transforms, Xml.DS, "dsig:Transform").setAttribute("Algorithm", CIPHERTEXT);
        return data;
    }

    private static Element nameCertificate(Document document, X509Certificate certificate) {
        Element reference = element(document, Xml.WSSE, "wsse:SecurityTokenReference");
        Element issuerSerial = child(child(reference, Xml.DS, "dsig:X509Data"), Xml.DS, "dsig:X509IssuerSerial");
        String issuer = certificate.getIssuerX500Principal().getName();
        child(issuerSerial, Xml.DS, "dsig:X509IssuerName").setTextContent(issuer);
        String serial = certificate.getSerialNumber().toString();
        child(issuerSerial, Xml.DS, "dsig:X509SerialNumber").setTextContent(serial);
        return reference;
    }

    /** With its namespace declared on it, so that writing the document changes nothing that was signed. */
    private static Element element(Document document, String namespace, String name) {
        Element made = document.createElementNS(namespace, name);
        made.setAttributeNS("http://www.w3.org/2000/xmlns/", "xmlns:" + made.getPrefix(), namespace);
        return made;
    }

    private static Element child(Element parent, String namespace, String name) {
        Element made = element(parent.getOwnerDocument(), namespace, name);
        parent.appendChild(made);
        return made;
    }

    private static void write(Document document, Path file) throws Exception {
        Transformer writer = TransformerFactory.newInstance().newTransformer();
        writer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        try (OutputStream out = Files.newOutputStream(file)) {
            writer.transform(new DOMSource(document), new StreamResult(out));
        }
    }
}
