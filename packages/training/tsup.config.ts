import { preset } from '../../tooling/tsup-preset.ts';

export default preset({ index: 'src/index.ts', 'crop-worker': 'src/data/crop-worker.ts' });
