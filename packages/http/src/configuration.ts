/** One setting as it counts now. */
export interface ConfigurationEntry {
  /** Name with dots, for example `http.port`. */
  readonly key: string;
  /** Secrets are replaced by `***`. */
  readonly value: unknown;
  /** What said so last. */
  readonly source: 'default' | 'file' | 'state' | 'environment' | 'flag';
  /** Where exactly: `/etc/sluice.yaml:3`, `SLUICE_HTTP_PORT`, `--http-port`; undefined for a default. */
  readonly from: string | undefined;
}

/** The whole configuration, for a person to read. */
export interface ConfigurationView {
  /** Config file, when there is one. */
  readonly file: string | undefined;
  /** Where changes through the API are kept, when they are. */
  readonly stateFile: string | undefined;
  readonly entries: readonly ConfigurationEntry[];
}

/** What became of a change. */
export interface ConfigurationChange {
  /** Settings that have another value now, by name. */
  readonly applied: readonly string[];
  /** Settings that differ, but count only after a restart. */
  readonly needsRestart: readonly string[];
  /** Names that were given and mean nothing here. */
  readonly ignored: readonly string[];
}

/** The server's configuration, as its host lets it be seen and changed over HTTP. */
export interface Configuration {
  print(): ConfigurationView;
  /**
   * Reads all sources again. Live sessions go on.
   * @throws MediaError CONFIG_INVALID saying what is wrong; the old configuration counts then
   */
  reload(): Promise<ConfigurationChange>;
  /**
   * Changes some settings; they survive a restart when there is a state file.
   * @param patch a JSON merge patch (RFC 7396); null takes an earlier change back
   * @throws MediaError CONFIG_INVALID; nothing has changed then
   */
  set(patch: unknown): Promise<ConfigurationChange>;
  /** The settings that have a name in ZLMediaKit's config.ini, for example `hook.timeoutSec`, as its API gives them; secrets are replaced by `***`. */
  printIni(): Readonly<Record<string, string>>;
  /** {@link set} with names and values of ZLMediaKit's config.ini; those that mean nothing here are in `ignored`. */
  setIni(values: Readonly<Record<string, string>>): Promise<ConfigurationChange>;
}
