import java.io.IOException;
import java.io.OutputStream;
import java.security.Provider;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import javax.xml.crypto.Data;
import javax.xml.crypto.OctetStreamData;
import javax.xml.crypto.XMLCryptoContext;
import javax.xml.crypto.XMLStructure;
import javax.xml.crypto.dsig.TransformException;
import javax.xml.crypto.dsig.TransformService;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;

/** Attachment-Content-Signature-Transform: the octets were chosen by the dereferencer, so they pass as they are. */
public final class AttachmentContent extends TransformService {
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

    /** Makes the transform known to the platform. */
    static void register() {
        Security.addProvider(new SwaProvider());
    }

    private static final class SwaProvider extends Provider {
        SwaProvider() {
            super("SwA", "1.0", "the attachment transform of the SwA profile");
            put("TransformService." + Xml.SWA_CONTENT, AttachmentContent.class.getName());
            put("TransformService." + Xml.SWA_CONTENT + " MechanismType", "DOM");
        }
    }
}
