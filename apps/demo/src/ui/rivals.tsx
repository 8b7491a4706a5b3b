/** Beside it: what JPEG, WebP and AVIF make of as many bytes. */
import { bytesText, fixed } from '../format.ts';
import { failures } from '../state/actions.ts';
import { file, judged } from '../state/photo.ts';
import { beside, findRivals, rivals, showBeside } from '../state/rivals.ts';
import { Failure } from './compress-panel.tsx';

const titles = { avif: 'AVIF', webp: 'WebP', jpeg: 'JPEG' } as const;

/** The table, or the button that makes it. */
export function Rivals() {
  const found = rivals.value;
  if (found === undefined) {
    return (
      <section class="facts">
        <h2>Beside it</h2>
        <Failure text={failures.value.rivals} />
        <button type="button" onClick={() => void findRivals()}>
          AVIF, WebP and JPEG in {bytesText(file.value!.bytes.length)}
        </button>
      </section>
    );
  }
  return (
    <section class="facts rivals">
      <h2>In {bytesText(found.bytes)}</h2>
      <Failure text={failures.value.rivals} />
      <table>
        <thead>
          <tr>
            <th scope="col">Codec</th>
            <th scope="col">PSNR</th>
            <th scope="col">MS-SSIM</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">vqkit</th>
            <td>{fixed(judged.value?.psnr, 2)}</td>
            <td>{fixed(judged.value?.msSsim, 4)}</td>
          </tr>
          {found.answers.map(({ name, rival }) => (
            <tr key={name} data-rival={name}>
              <th scope="row">
                {rival ? (
                  <label class="rival">
                    <input
                      type="checkbox"
                      checked={beside.value === name}
                      onChange={() => showBeside(beside.value === name ? undefined : name)}
                    />
                    {titles[name]}
                    <small>{rival.reduction > 1 && `at 1/${rival.reduction} size`}</small>
                  </label>
                ) : (
                  titles[name]
                )}
              </th>
              {rival ? <td>{fixed(rival.psnr, 2)}</td> : <td colSpan={2}>cannot be so small</td>}
              {rival && <td>{fixed(rival.msSsim, 4)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="hint">
        They may code a smaller picture, enlarged again. Tick one to see it in the place of the original.
      </p>
    </section>
  );
}
