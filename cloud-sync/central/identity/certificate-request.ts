import { createPublicKey, type KeyObject } from "node:crypto";
import { loadX509 } from "../../identity/x509.ts";
import { RefusalError } from "../refusals.ts";

/**
 * The key of a certificate request (PKCS#10 in PEM). Its signature shows that the sender has the private key.
 * Whatever else it asks for is passed over: central decides what stands in a certificate.
 * @throws RefusalError 400
 */
export async function keyOfRequest(pem: string): Promise<KeyObject> {
  const x509 = await loadX509();
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    const spki = Buffer.from(request.publicKey.rawData);
    const key = createPublicKey({ key: spki, type: "spki", format: "der" });
    const isP256 =
      key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
    if (isP256 && (await request.verify())) return key;
  } catch {
    // Whatever is wrong with it, the answer is the same.
  }
  throw new RefusalError(400, {
    code: "bad-request",
    message: "the certificate request is not one of a P-256 key, or not signed by it",
  });
}
