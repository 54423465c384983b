import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { parseStreamName } from '../api/stream-name.ts';
import { whipUrl } from '../api/urls.ts';
import { useStore } from '../state/store.ts';
import type { SourceKind } from '../webrtc/capture.ts';
import { Address } from './address.tsx';
import { StreamNameField } from './stream-name-field.tsx';

const SOURCES: readonly { readonly kind: SourceKind; readonly label: string }[] = [
  { kind: 'camera', label: 'Camera' },
  { kind: 'screen', label: 'Screen' },
  { kind: 'test', label: 'Test picture' },
];

/** Publishes from this browser, and says how to publish from elsewhere. */
export function PublishForm(): JSX.Element {
  const { page, sessions } = useStore();
  const text = useSignal('live/camera');
  const source = useSignal<SourceKind>('camera');
  const name = parseStreamName(text.value);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (name) sessions.publish(name, source.value);
  }

  return (
    <section class="panel" aria-labelledby="publish-title">
      <h2 id="publish-title">Publish</h2>
      <form onSubmit={submit}>
        <fieldset class="choice">
          <legend class="visually-hidden">What to publish</legend>
          {SOURCES.map(({ kind, label }) => (
            <label key={kind} class="choice-option">
              <input
                type="radio"
                name="source"
                checked={source.value === kind}
                onChange={() => {
                  source.value = kind;
                }}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
        <div class="inline-form">
          <StreamNameField label="As" text={text} placeholder="live/camera" />
          <button type="submit" class="button button-primary">
            Go live
          </button>
        </div>
      </form>
      {name && <Address label="From OBS, FFmpeg or GStreamer, over WHIP:" url={whipUrl(page, name)} what="WHIP address" />}
    </section>
  );
}
