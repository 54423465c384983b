import type { Logger } from '@sluice/core';
import type { Configuration } from '@sluice/http';

/** What {@link reloadOnSignal} takes. */
export interface ReloadOnSignalOptions {
  readonly configuration: Pick<Configuration, 'reload'>;
  readonly logger: Logger;
  /** Read again too, whatever became of the configuration. */
  readonly reloadCertificate?: (() => void) | undefined;
  readonly signals?: NodeJS.EventEmitter | undefined;
}

/** On SIGHUP reads the configuration again; a wrong one keeps the old and says why. */
export function reloadOnSignal({ configuration, logger, reloadCertificate, signals = process }: ReloadOnSignalOptions): void {
  const reload = async (): Promise<void> => {
    try {
      const { applied, needsRestart } = await configuration.reload();
      if (applied.length + needsRestart.length === 0) logger.info('The configuration was read again; nothing has changed.');
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      logger.error(`The configuration stays as it is, because the new one is wrong: ${words}`);
    }
  };
  signals.on('SIGHUP', () => {
    reloadCertificate?.();
    void reload();
  });
}
