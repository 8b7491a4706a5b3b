/** Damage: packets that do not arrive, and what is restored without them. */
import { bytesText, fixed, percentText } from '../format.ts';
import { failures } from '../state/actions.ts';
import { damageResult, isLostShown, setDamage, settings } from '../state/damage.ts';
import { brought } from '../state/weights.ts';
import type { Concealment } from '../worker/session.ts';
import { Failure } from './compress-panel.tsx';
import { Facts } from './facts.tsx';
import { Check, Choice, SeedField, Slide } from './fields.tsx';

/** The panel. */
export function DamagePanel() {
  const { packets, parity, loss, pattern, seed, concealBy } = settings.value;
  const result = damageResult.value;
  return (
    <>
      <Slide
        label="Lost packets"
        value={loss}
        min={0}
        max={0.6}
        step={0.01}
        text={percentText(loss, 0)}
        onSlide={(value) => setDamage({ loss: value })}
      />
      <Choice
        legend="Which"
        value={pattern}
        options={{ random: 'Here and there', burst: 'In one run' }}
        onChoose={(value) => setDamage({ pattern: value })}
      />
      <Slide
        label="Packets"
        value={packets}
        min={2}
        max={64}
        text={`${packets}`}
        onSlide={(value) => setDamage({ packets: value })}
      />
      <Slide
        label="Parity packets on top"
        value={parity}
        min={0}
        max={16}
        text={`${parity}`}
        onSlide={(value) => setDamage({ parity: value })}
      />
      <SeedField
        seed={seed}
        onSeed={(value) => setDamage({ seed: value })}
        onOthers={(value) => setDamage({ seed: value })}
      />
      <Choice<Concealment>
        legend="Filled in by"
        value={concealBy}
        options={{ nothing: 'Nothing', neighbours: 'Neighbours', transformer: 'Transformer' }}
        onChoose={(value) => setDamage({ concealBy: value })}
      />
      <div>
        <Check
          label="Mark what was lost"
          checked={isLostShown.value}
          onCheck={(value) => {
            isLostShown.value = value;
          }}
        />
      </div>
      <Failure text={failures.value.damage} />
      {result && (
        <Facts
          title="What arrived"
          rows={[
            ['File in packets', bytesText(result.info.bytes), 'cut-bytes'],
            ['Packets lost', `${result.lostPackets} of ${result.packets}`, 'lost-packets'],
            ['Positions lost', percentText(result.lostShare), 'lost-share'],
            ['PSNR', `${fixed(result.quality?.psnr, 2)} dB`, 'damaged-psnr'],
            ['SSIM', fixed(result.quality?.ssim, 4), 'damaged-ssim'],
          ]}
        />
      )}
      {!brought.value.conceal && (
        <p class="hint">
          The weights of the transformer, 5.8 MB, are fetched when it is chosen first; those of vqkit train
          index-transformer may be dropped in their place.
        </p>
      )}
    </>
  );
}
