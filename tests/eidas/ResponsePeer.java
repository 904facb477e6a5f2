import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.security.cert.CertificateFactory;
import java.security.spec.*;
import java.util.*;
import javax.xml.XMLConstants;
import javax.xml.crypto.dsig.*;
import javax.xml.crypto.dsig.dom.*;
import javax.xml.parsers.*;
import javax.xml.transform.dom.*;
import javax.xml.transform.stream.*;
import javax.xml.validation.*;
import org.apache.xml.security.encryption.XMLCipher;
import org.apache.xml.security.encryption.XMLEncryptionException;
import org.w3c.dom.*;
import org.xml.sax.SAXException;

/**
 * Java's own XML signatures and schemas, and Apache Santuario's encryption, over the files of two folders.
 *
 * Arguments: a folder of Responses, one of decrypted assertions, the driver of the schemas.
 * NAME.xml is validated by the schemas; with NAME.der (a certificate) it is verified; with NAME.key (PKCS #8, RSA) it is
 * decrypted, what comes out is validated, and NAME.java.tsv says its attributes. NAME~PLACE.xml has the files of NAME.
 * What comes of it is printed: "NAME schema good", "NAME signature bad", "NAME decryption good" …
 */
public class ResponsePeer {
    static final String SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
    static final String NATURAL = "http://eidas.europa.eu/attributes/naturalperson";
    static final String ENCRYPTION = "http://www.w3.org/2001/04/xmlenc#";
    static Schema schema;

    public static void main(String[] arguments) throws Exception {
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8));
        org.apache.xml.security.Init.init();
        schema = schemas().newSchema(new File(arguments[2]));
        for (Path path : documents(Path.of(arguments[0]))) {
            message(path);
        }
        for (Path path : documents(Path.of(arguments[1]))) {
            say(path, "schema", valid(read(path)));
        }
        System.out.flush();
    }

    static List<Path> documents(Path folder) throws Exception {
        try (var files = Files.list(folder)) {
            return files.filter(path -> path.toString().endsWith(".xml")).sorted().toList();
        }
    }

    static void message(Path path) throws Exception {
        say(path, "schema", valid(read(path)));
        if (Files.exists(beside(path, ".der"))) {
            say(path, "signature", verified(read(path), beside(path, ".der")));
        }
        if (Files.exists(beside(path, ".key"))) {
            say(path, "decryption", decrypted(path, beside(path, ".key")));
        }
    }

    static String name(Path path) {
        return path.getFileName().toString().replace(".xml", "");
    }

    /** A file of the case, whichever place of it was changed. */
    static Path beside(Path path, String ending) {
        return path.resolveSibling(name(path).split("~")[0] + ending);
    }

    static void say(Path path, String what, boolean good) {
        System.out.println(name(path) + " " + what + (good ? " good" : " bad"));
    }

    // -- XML ---------------------------------------------------------------------------------------------------------

    static Document read(Path path) throws Exception {
        return parse(Files.readAllBytes(path));
    }

    static Document parse(byte[] octets) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(octets));
    }

    static SchemaFactory schemas() throws Exception {
        SchemaFactory factory = SchemaFactory.newDefaultInstance();
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        return factory;
    }

    /** Valid by the schemas: without a handler, the first error is thrown. */
    static boolean valid(Node node) throws Exception {
        try {
            schema.newValidator().validate(new DOMSource(node));
            return true;
        } catch (SAXException error) {
            return false;
        }
    }

    // -- signatures --------------------------------------------------------------------------------------------------

    static boolean verified(Document document, Path certificate) throws Exception {
        Element root = document.getDocumentElement();
        var trusted = CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(certificate));
        NodeList found = root.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
        DOMValidateContext context = new DOMValidateContext(trusted.getPublicKey(), found.item(0));
        context.setProperty("org.jcp.xml.dsig.secureValidation", true);
        context.setIdAttributeNS(root, null, "ID");
        XMLSignature signature = XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
        List<Reference> references = signature.getSignedInfo().getReferences();
        boolean whole = references.size() == 1 && references.get(0).getURI().equals("#" + root.getAttribute("ID"));
        return found.getLength() == 1 && whole && signature.validate(context);
    }

    // -- encryption --------------------------------------------------------------------------------------------------

    static boolean decrypted(Path path, Path key) throws Exception {
        Document document = read(path);
        Element data = (Element) document.getElementsByTagNameNS(ENCRYPTION, "EncryptedData").item(0);
        XMLCipher cipher = XMLCipher.getInstance();
        cipher.init(XMLCipher.DECRYPT_MODE, null);
        cipher.setKEK(KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(key))));
        try {
            cipher.doFinal(document, data);
        } catch (XMLEncryptionException error) {
            return false;
        }
        Element assertion = (Element) document.getElementsByTagNameNS(SAML, "Assertion").item(0);
        Files.write(path.resolveSibling(name(path) + ".java.tsv"), attributes(assertion));
        return valid(assertion);
    }

    static List<String> attributes(Element assertion) throws Exception {
        List<String> rows = new ArrayList<>();
        for (Element attribute : inside(assertion, "Attribute")) {
            for (Element value : inside(attribute, "AttributeValue")) {
                rows.addAll(rows(attribute.getAttribute("Name"), value));
            }
        }
        return rows;
    }

    static List<Element> inside(Element element, String tag) {
        NodeList found = element.getElementsByTagNameNS(SAML, tag);
        List<Element> elements = new ArrayList<>();
        for (int at = 0; at < found.getLength(); at++) {
            elements.add((Element) found.item(at));
        }
        return elements;
    }

    static List<String> rows(String name, Element value) throws Exception {
        String text = value.getTextContent();
        if (!name.endsWith("/CurrentAddress")) {
            return List.of(String.join("\t", name, value.getAttributeNS(NATURAL, "LatinScript"), text));
        }
        String address = new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
        String whole = "<address xmlns:eidas-natural='urn:x'>" + address + "</address>";
        List<String> rows = new ArrayList<>();
        NodeList parts = parse(whole.getBytes(StandardCharsets.UTF_8)).getDocumentElement().getChildNodes();
        for (int at = 0; at < parts.getLength(); at++) {
            rows.add(String.join("\t", name, parts.item(at).getLocalName(), parts.item(at).getTextContent()));
        }
        return rows;
    }
}
