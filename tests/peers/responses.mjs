// SAML Responses as Node's packages read them: xmldsigjs and xml-crypto verify, xml-encryption decrypts.
//
// Argument: a folder. With NAME.der (a certificate) NAME.xml is verified; with NAME.key (PKCS #8, RSA) it is decrypted, and
// NAME.node.tsv says its attributes. NAME~PLACE.xml has the files of NAME. What comes of it is printed: "NAME xmldsigjs good",
// "NAME xml-crypto bad" … xml-crypto says nothing where it does not know the method.

import { createPrivateKey, webcrypto, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { DOMParser, XMLSerializer } from "@xmldom/xmldom";
import { setNodeDependencies } from "xml-core";
import xmlCrypto from "xml-crypto";
import * as xmldsigjs from "xmldsigjs";
import xmlEncryption from "xml-encryption";
import xpath from "xpath";

const DS = "http://www.w3.org/2000/09/xmldsig#";
const SAML = "urn:oasis:names:tc:SAML:2.0:assertion";
const XENC = "http://www.w3.org/2001/04/xmlenc#";
const NATURAL = "http://eidas.europa.eu/attributes/naturalperson";
const CURVES = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

setNodeDependencies({ DOMParser, XMLSerializer, xpath });
xmldsigjs.Application.setEngine("Node", webcrypto);

const folder = process.argv[2];
for (const file of readdirSync(folder).filter((name) => name.endsWith(".xml")).sort()) {
    const name = file.replace(".xml", "");
    await message(name, readFileSync(join(folder, file), "utf8"));
}

async function message(name, text) {
    const [certificate, key] = [".der", ".key"].map((ending) => beside(name, ending));
    if (certificate) {
        const trusted = new X509Certificate(certificate);
        say(name, "xmldsigjs", await verifiedByXmldsigjs(text, trusted.publicKey));
        if (known(text)) say(name, "xml-crypto", verifiedByXmlCrypto(text, trusted.toString()));
    }
    if (key) say(name, "xml-encryption", await decrypted(name, text, createPrivateKey({ key, format: "der", type: "pkcs8" })));
}

function beside(name, ending) {
    const path = join(folder, name.split("~")[0] + ending);
    return existsSync(path) ? readFileSync(path) : null;
}

function say(name, what, good) {
    console.log(`${name} ${what} ${good ? "good" : "bad"}`);
}

function parse(text) {
    return new DOMParser().parseFromString(text, "text/xml");
}

function elements(parent, namespace, tag) {
    return Array.from(parent.getElementsByTagNameNS(namespace, tag));
}

// -- signatures

async function verifiedByXmldsigjs(text, publicKey) {
    const document = xmldsigjs.Parse(text);
    const signature = new xmldsigjs.SignedXml(document);
    signature.LoadXml(document.getElementsByTagNameNS(DS, "Signature")[0]);
    // Without the curve xmldsigjs cannot import the key that it is handed.
    Object.assign(signature.Algorithm, { namedCurve: CURVES[publicKey.asymmetricKeyDetails.namedCurve] });
    const spki = publicKey.export({ format: "der", type: "spki" });
    const key = await webcrypto.subtle.importKey("spki", spki, signature.Algorithm, true, ["verify"]);
    return signature.Verify(key).catch(refused(/^XMLJS0013: Cryptographic error: Invalid digest/));
}

// What a package throws when it refuses: no other error is a verdict.
function refused(pattern) {
    return (error) => {
        if (pattern.test(error.message)) return false;
        throw error;
    };
}

function known(text) {
    const method = elements(parse(text), DS, "SignatureMethod")[0].getAttribute("Algorithm");
    return method in new xmlCrypto.SignedXml().SignatureAlgorithms;
}

function verifiedByXmlCrypto(text, publicCert) {
    const signature = new xmlCrypto.SignedXml({ publicCert, getCertFromKeyInfo: () => null });
    signature.loadSignature(elements(parse(text), DS, "Signature")[0]);
    try {
        return signature.checkSignature(text);
    } catch (error) {
        return refused(/^invalid signature: the signature value/)(error);
    }
}

// -- encryption

async function decrypted(name, text, key) {
    const data = elements(parse(text), XENC, "EncryptedData")[0].toString();
    const plain = await promisify(xmlEncryption.decrypt)(data, { key }).catch(refused(/unable to authenticate data/));
    if (!plain) return false;
    writeFileSync(join(folder, `${name}.node.tsv`), attributes(parse(plain)).map((row) => row.join("\t") + "\n").join(""));
    return true;
}

function attributes(assertion) {
    return elements(assertion, SAML, "Attribute").flatMap((attribute) =>
        elements(attribute, SAML, "AttributeValue").flatMap((value) => rows(attribute.getAttribute("Name"), value)));
}

function rows(name, value) {
    if (!name.endsWith("/CurrentAddress")) return [[name, value.getAttributeNS(NATURAL, "LatinScript"), value.textContent]];
    const address = Buffer.from(value.textContent, "base64").toString("utf8");
    const whole = parse(`<address xmlns:eidas-natural="urn:x">${address}</address>`);
    return Array.from(whole.documentElement.childNodes).map((part) => [name, part.localName, part.textContent]);
}
