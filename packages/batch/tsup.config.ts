import { preset } from '../../tooling/tsup-preset.ts';

export default preset({ index: 'src/index.ts', queue: 'src/queue/index.ts', work: 'src/pool/work.ts' });
