import { X509Certificate, createPrivateKey } from 'node:crypto';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Clock, type Logger, MediaError, type Undo, systemClock } from '@sluice/core';

/** Certificates are replaced in several steps (files, links); after this long without one they are read. */
const SETTLE_MS = 200;

/** Files in PEM. */
export interface TlsFiles {
  /** The certificate, and behind it those of its issuers. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate with its key, checked. */
export interface TlsCredentials {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly subject: string;
  readonly validTo: Date;
}

/** Paths of a configuration, from the folder of its file. */
export function tlsFilesIn(folder: string, { certFile, keyFile }: TlsFiles): TlsFiles {
  return { certFile: path.resolve(folder, certFile), keyFile: path.resolve(folder, keyFile) };
}

/**
 * Reads a certificate and its key.
 * @throws MediaError CONFIG_INVALID saying which file is wrong and why
 */
export function readTlsFiles({ certFile, keyFile }: TlsFiles): TlsCredentials {
  const cert = readPem('certificate', certFile);
  const key = readPem('key', keyFile);
  const certificate = parsed('certificate', certFile, () => new X509Certificate(cert));
  const privateKey = parsed('key', keyFile, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new MediaError('CONFIG_INVALID', `The key in ${keyFile} does not belong to the certificate in ${certFile}: give the pair that was made together.`);
  }
  parsed('certificate', certFile, () => createSecureContext({ cert, key }));
  return { cert, key, subject: certificate.subject.replaceAll('\n', ', '), validTo: new Date(certificate.validTo) };
}

/** What {@link CertificateWatch} takes. */
export interface CertificateWatchOptions extends TlsFiles {
  readonly logger: Logger;
  /** Takes a new pair for connections from now on. */
  readonly onChanged: (credentials: TlsCredentials) => void;
  readonly clock?: Clock | undefined;
}

/** Reads certificates again when their files change; a wrong one is said, and the old one stays. */
export class CertificateWatch {
  readonly #options: CertificateWatchOptions;
  readonly #clock: Clock;
  readonly #watchers: FSWatcher[];
  #current: Buffer | undefined;
  #cancel: Undo | undefined;

  constructor(options: CertificateWatchOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    // Folders and not files: a file that is replaced takes its watcher with it.
    const folders = new Set([options.certFile, options.keyFile].map((file) => path.dirname(path.resolve(file))));
    this.#watchers = Array.from(folders, (folder) => this.#watch(folder));
  }

  /** Reads them now, as SIGHUP asks for. */
  reload(): void {
    const { logger, onChanged } = this.#options;
    try {
      const credentials = readTlsFiles(this.#options);
      const both = Buffer.concat([credentials.cert, credentials.key]);
      if (this.#current?.equals(both)) return;
      onChanged(credentials);
      this.#current = both;
      logger.info({ subject: credentials.subject, validTo: credentials.validTo.toISOString() }, `TLS: the certificate is that of ${credentials.subject}, valid until ${credentials.validTo.toISOString()}`);
      if (credentials.validTo.getTime() < this.#clock.now()) logger.warn('TLS: this certificate has expired; clients will refuse it.');
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      logger.error(`TLS: the old certificate stays, because the new one is wrong: ${words}`);
    }
  }

  close(): void {
    this.#cancel?.();
    for (const watcher of this.#watchers) watcher.close();
  }

  #watch(folder: string): FSWatcher {
    const watcher = watch(folder, { persistent: false }, () => this.#changed());
    watcher.on('error', (error) => this.#options.logger.warn({ err: error, folder }, 'TLS: changes of certificates are not noticed any more; SIGHUP reads them again'));
    return watcher;
  }

  #changed(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.setTimeout(() => this.reload(), SETTLE_MS);
  }
}

function readPem(what: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MediaError('CONFIG_INVALID', `The TLS ${what} cannot be read (${reason}): check http.tls.`, { cause: error });
  }
}

/** What a parser throws may show parts of a key, so only the file is named. */
function parsed<T>(what: string, file: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new MediaError('CONFIG_INVALID', `${file} holds no usable TLS ${what} in PEM (without a passphrase): check http.tls.`, { cause: error });
  }
}
