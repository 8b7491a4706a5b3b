import { preset } from '../../tooling/tsup-preset.ts';

export default preset({ index: 'src/index.ts', bin: 'src/bin.ts', 'batch-work': 'src/batch/work.ts' });
