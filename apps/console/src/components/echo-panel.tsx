import type { JSX } from 'preact';
import { useStore } from '../state/store.ts';

/** Sends media to the server and gets it back: the shortest way to see whether this browser and the server get on. */
export function EchoPanel(): JSX.Element {
  const { sessions } = useStore();
  return (
    <section class="panel" aria-labelledby="echo-title">
      <h2 id="echo-title">Echo</h2>
      <p class="hint">Sends picture, sound and messages to the server and shows what comes back.</p>
      <div class="buttons">
        <button type="button" class="button" onClick={() => sessions.echo('camera')}>
          Echo camera
        </button>
        <button type="button" class="button" onClick={() => sessions.echo('test')}>
          Echo test picture
        </button>
      </div>
    </section>
  );
}
