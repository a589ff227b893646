import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the Java platform makes of certificates and paths: `java JudgePaths.java FOLDER` prints a line for each line of
 * FOLDER/cases, which names a folder, a moment in seconds, a use and the policies wanted.
 */
public final class JudgePaths {
    private static final String CLIENT = "1.3.6.1.5.5.7.3.2";
    private static final String MAIL = "1.3.6.1.5.5.7.3.4";
    private static final String DOCUMENT = "1.3.6.1.5.5.7.3.36";
    private static final Map<String, List<String>> PURPOSES = Map.of(
            "signing", List.of(CLIENT, MAIL, DOCUMENT), "encryption", List.of(CLIENT, MAIL), "tls", List.of(CLIENT));
    /** Bits of the key usage of which one has to be there: digitalSignature; keyEncipherment or keyAgreement. */
    private static final Map<String, List<Integer>> USAGES =
            Map.of("signing", List.of(0), "encryption", List.of(2, 4), "tls", List.of(0));
    /** Between the end and the root: five certificates in all. */
    private static final int MOST_BETWEEN = 3;

    private JudgePaths() {
    }

    public static void main(String[] arguments) throws Exception {
        Security.setProperty("jdk.certpath.disabledAlgorithms", "MD2, MD5, SHA1, RSA keySize < 2048, EC keySize < 256");
        Path folder = Path.of(arguments[0]);
        for (String line : Files.readAllLines(folder.resolve("cases"))) {
            String[] fields = line.split("\t", -1);
            System.out.println(fields[0] + "\t" + judged(folder.resolve(fields[0]), fields));
        }
    }

    private static String judged(Path folder, String[] fields) {
        String refused = "nothing was asked";
        for (String purpose : PURPOSES.get(fields[2])) {
            for (int usage : USAGES.get(fields[2])) {
                try {
                    build(folder, new Date(Long.parseLong(fields[1]) * 1000), purpose, usage, fields[3]);
                    return "ok";
                } catch (Exception fault) {
                    Throwable cause = fault.getCause() == null ? fault : fault.getCause();
                    refused = String.valueOf(cause.getMessage()).replaceAll("\\s+", " ");
                }
            }
        }
        return "refused: " + refused;
    }

    private static void build(Path folder, Date at, String purpose, int usage, String policies) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        X509Certificate end = (X509Certificate) read(factory, folder, "end.pem").iterator().next();
        Set<TrustAnchor> anchors = new HashSet<>();
        for (Object root : read(factory, folder, "roots.pem")) {
            anchors.add(new TrustAnchor((X509Certificate) root, null));
        }
        boolean[] usages = new boolean[9];
        usages[usage] = true;
        X509CertSelector wanted = new X509CertSelector();
        wanted.setCertificate(end);
        wanted.setKeyUsage(usages);
        wanted.setExtendedKeyUsage(Set.of(purpose));
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, wanted);
        List<Object> candidates = new ArrayList<>(read(factory, folder, "intermediates.pem"));
        candidates.add(end);
        Path lists = folder.resolve("crls.pem");
        boolean asked = Files.exists(lists);
        if (asked) {
            try (InputStream octets = new ByteArrayInputStream(Files.readAllBytes(lists))) {
                candidates.addAll(factory.generateCRLs(octets));
            }
            PKIXRevocationChecker checker =
                    (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
            checker.setOptions(EnumSet.of(
                    PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
            parameters.addCertPathChecker(checker);
        }
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(candidates)));
        parameters.setRevocationEnabled(asked);
        parameters.setDate(at);
        parameters.setMaxPathLength(MOST_BETWEEN);
        if (!policies.isEmpty()) {
            parameters.setExplicitPolicyRequired(true);
            parameters.setInitialPolicies(new HashSet<>(Arrays.asList(policies.split(","))));
        }
        CertPathBuilder.getInstance("PKIX").build(parameters);
    }

    private static Collection<?> read(CertificateFactory factory, Path folder, String name) throws Exception {
        try (InputStream octets = new ByteArrayInputStream(Files.readAllBytes(folder.resolve(name)))) {
            return factory.generateCertificates(octets);
        }
    }
}
