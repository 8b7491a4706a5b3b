import { preset } from '../../../tooling/tsup-preset.ts';

export default preset(['src/index.ts', 'src/web.ts', 'src/int8.ts', 'src/int8-web.ts']);
