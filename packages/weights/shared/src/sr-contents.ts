/** What the packages of super-resolution consist of. */
import type { WeightsFile } from './one-file.ts';
import type { Contents, FileFacts } from './open-source.ts';

/** Such a package, as the loader takes it. */
export interface SrContents extends Contents {
  readonly manifest: {
    readonly id: string;
    readonly architecture: 'tvq-rap';
    readonly options: object;
    readonly quantizer: { readonly name: string; readonly options: object };
  };
  readonly files: Readonly<Record<WeightsFile, FileFacts>>;
}
