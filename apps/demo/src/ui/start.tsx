/** What a visitor sees first: what this is, and ways to give it a photo. */
import type { ComponentChildren } from 'preact';
import { samples } from '../samples.ts';
import { failures } from '../state/actions.ts';
import { messageOf } from '../state/engine.ts';
import { openFiles } from '../state/open.ts';
import { brought } from '../state/weights.ts';
import { FileButton } from './file-button.tsx';

async function openSample({ title, photo }: (typeof samples)[number]): Promise<void> {
  try {
    const answer = await fetch(photo);
    if (!answer.ok) throw new Error(`The sample is not there: HTTP status ${answer.status}. Choose a photo of yours`);
    await openFiles([new File([await answer.blob()], `${title.toLowerCase()}.jpg`, { type: 'image/jpeg' })]);
  } catch (error) {
    failures.value = { ...failures.value, photo: messageOf(error) };
  }
}

/** The first screen. */
export function Start({ children }: { readonly children: ComponentChildren }) {
  return (
    <main class="start">
      <h1>A photo in two kilobytes</h1>
      <p class="lead">
        A small neural network turns a photo into a grid of codes, and the codes back into a photo. Everything happens
        in this page; nothing leaves your machine.
      </p>
      <div class="drop">
        <FileButton class="primary" label="Choose a photo" />
        <p>or drop one anywhere, or paste it. A .vqk file opens too.</p>
      </div>
      {children}
      {Object.keys(brought.value).length > 0 && <p role="status">The weights are here. Now choose a photo.</p>}
      <h2>Or try one of these</h2>
      <ul class="samples">
        {samples.map((sample) => (
          <li key={sample.title}>
            <button type="button" onClick={() => void openSample(sample)}>
              <img src={sample.small} alt="" width="288" height="192" />
              <span>{sample.title}</span>
            </button>
          </li>
        ))}
      </ul>
    </main>
  );
}
