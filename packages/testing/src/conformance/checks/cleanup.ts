import type { Check } from '../check.ts';
import { demand } from '../fault.ts';
import { Trial } from '../trial.ts';

/** A server that stops has nothing of the plugin left. */
export const closing: Check = {
  title: 'leaves nothing behind when the manager closes',
  async run(subject) {
    await using trial = await Trial.ready(subject);
    await useEverything(trial);
    await trial.close();
    await trial.demandNothingOpen('When the manager had closed');
  },
};

/** A server that goes on has nothing of the plugin left. */
export const removal: Check = {
  title: 'leaves nothing behind when it is removed',
  async run(subject) {
    await using trial = await Trial.ready(subject);
    await useEverything(trial);
    await trial.remove();
    await trial.demandNothingOpen('When it was removed');
    demandNoStream(trial, 'When it was removed');
  },
};

/** One session is open at the end, so that it is there to be closed. */
async function useEverything(trial: Trial): Promise<void> {
  for (const type of trial.types) {
    for (const { id } of trial.manager.sessions.list()) await trial.complete('Closing a session', trial.manager.closeSession(id, 'next type'));
    await trial.openSession(type);
  }
}

/** The manager itself takes back hooks, contributions and types; a stream is the plugin's to end. */
function demandNoStream({ manager }: Trial, when: string): void {
  const [stream] = manager.streams.list();
  demand(stream === undefined, `${when}, it still published ${stream?.key.app}/${stream?.key.stream}; end the publication in ctx.onClose.`);
}
