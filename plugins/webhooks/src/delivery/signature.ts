import { Webhook } from 'standardwebhooks';

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Makes the signature of a message; one per secret, so that the receiver may know the old or the new one. */
export interface Signer {
  /** Value of `webhook-signature`; undefined without a secret. */
  sign(id: string, sentAt: Date, body: string): string | undefined;
}

/** The key of a secret as Standard Webhooks has it: `whsec_` and 24 to 64 bytes as base64; undefined when it is none. */
export function parseSecret(secret: string): Buffer | undefined {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const key = Buffer.from(text, 'base64');
  return BASE64.test(text) && text.length % 4 === 0 && key.length >= 24 && key.length <= 64 ? key : undefined;
}

export function createSigner(secrets: readonly string[]): Signer {
  const webhooks = secrets.map((secret) => new Webhook(secret));
  return {
    sign(id, sentAt, body) {
      if (webhooks.length === 0) return undefined;
      return webhooks.map((webhook) => webhook.sign(id, sentAt, body)).join(' ');
    },
  };
}
