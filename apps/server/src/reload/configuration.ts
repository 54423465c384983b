import { type ConfigStore, configEntries, printIni, settingsOfIni } from '@sluice/config';
import type { Configuration, ConfigurationChange } from '@sluice/http';
import type { LiveConfig } from './live-config.ts';

/** The configuration as the management API and a signal see and change it. */
export function createConfiguration(store: ConfigStore, live: LiveConfig): Configuration {
  const apply = (config: Parameters<LiveConfig['apply']>[0]): Promise<ConfigurationChange> => live.apply(config);
  return {
    print() {
      const { file, stateFile } = store.loaded;
      const entries = configEntries(store.loaded).map(({ key, value, source, from }) => ({ key, value, source, from }));
      return { file, stateFile, entries };
    },
    reload: () => store.reload(apply),
    set: (patch) => store.change(patch, apply),
    printIni: () => printIni(store.loaded.config),
    async setIni(values) {
      const { settings, ignored } = settingsOfIni(values);
      return { ...(await store.change(settings, apply)), ignored };
    },
  };
}
