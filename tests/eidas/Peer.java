import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.spec.*;
import java.util.*;
import javax.xml.crypto.dsig.*;
import javax.xml.crypto.dsig.dom.*;
import javax.xml.crypto.dsig.spec.*;
import javax.xml.parsers.*;
import javax.xml.transform.*;
import javax.xml.transform.dom.*;
import javax.xml.transform.stream.*;
import org.w3c.dom.*;

/**
 * Java's own XML signatures, over the files of a folder.
 *
 * NAME.xml with NAME.der (a certificate): verify, and print "NAME good" or "NAME bad".
 * NAME.todo.xml with NAME.key (PKCS #8) and NAME.method (a URI): sign, and write NAME.signed.xml.
 */
public class Peer {
    public static void main(String[] arguments) throws Exception {
        for (Path path : sorted(Path.of(arguments[0]))) {
            String name = path.getFileName().toString();
            if (name.endsWith(".todo.xml")) {
                sign(path, path.resolveSibling(name.replace(".todo.xml", "")));
            } else if (name.endsWith(".xml")) {
                System.out.println(name.replace(".xml", "") + (verify(path) ? " good" : " bad"));
            }
        }
    }

    static List<Path> sorted(Path folder) throws Exception {
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    static Document read(Path path) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document document = factory.newDocumentBuilder().parse(path.toFile());
        document.getDocumentElement().setIdAttribute("ID", true);
        return document;
    }

    static boolean verify(Path path) throws Exception {
        Path beside = path.resolveSibling(path.getFileName().toString().replace(".xml", ".der"));
        var certificate = CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(beside));
        NodeList found = read(path).getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
        DOMValidateContext context = new DOMValidateContext(certificate.getPublicKey(), found.item(0));
        return XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context).validate(context);
    }

    static void sign(Path path, Path name) throws Exception {
        Document document = read(path);
        String method = Files.readString(Path.of(name + ".method")).strip();
        PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(Files.readAllBytes(Path.of(name + ".key")));
        PrivateKey key = KeyFactory.getInstance(method.contains("ecdsa") ? "EC" : "RSA").generatePrivate(encoded);
        XMLSignatureFactory factory = XMLSignatureFactory.getInstance("DOM");
        List<javax.xml.crypto.dsig.Transform> transforms = List.of(
            factory.newTransform(javax.xml.crypto.dsig.Transform.ENVELOPED, (TransformParameterSpec) null),
            factory.newTransform(CanonicalizationMethod.EXCLUSIVE, (TransformParameterSpec) null));
        Reference reference = factory.newReference("#" + document.getDocumentElement().getAttribute("ID"),
            factory.newDigestMethod(DigestMethod.SHA512, null), transforms, null, null);
        SignedInfo info = factory.newSignedInfo(
            factory.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
            factory.newSignatureMethod(method, null), List.of(reference));
        factory.newXMLSignature(info, null).sign(new DOMSignContext(key, document.getDocumentElement()));
        Transformer writer = TransformerFactory.newInstance().newTransformer();
        writer.transform(new DOMSource(document), new StreamResult(Path.of(name + ".signed.xml").toFile()));
    }
}
