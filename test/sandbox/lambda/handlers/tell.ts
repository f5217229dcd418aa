/** A function reaches nothing but the sandbox: the test hears by this parameter of a call that needs no permission. */
export const TOLD = 'Told';

/** Tells the test that something happened; the test decides what comes of it before it answers. */
export async function tell(name: string): Promise<string> {
  const { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: key } = process.env;
  const body = new URLSearchParams({ Action: 'GetCallerIdentity', [TOLD]: JSON.stringify({ name, time: Date.now() }) });
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/sts/aws4_request`;
  const response = await fetch(endpoint!, { method: 'POST', headers: { authorization }, body });
  return response.text();
}
