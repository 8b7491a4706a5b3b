/** What the page can ask of the worker. One engine is one backend: another place or another number of threads is another worker. */
import { type CodecProgress, type EncodeOptions, type FileInfo, inspect } from '@vqkit/codec';
import { fromBrowser, toBlob } from '@vqkit/images/browser';
import { type ImageComparison, msSsim, psnr, ssim } from '@vqkit/metrics';
import type { TargetSize } from '@vqkit/sr';
import { transfer } from 'comlink';
import { type BroughtFacts, bring, type EnlargeWeights, transformerOf, upscalerOf } from './brought.ts';
import { type CutRequest, cutFile, type DamageRequest, drawLost, losePackets } from './damage.ts';
import { type DrawRequest, drawSheet } from './draw.ts';
import { enlarge, type Part } from './enlarge.ts';
import { lookInside } from './inside.ts';
import { type Frame, type LearnRequest, learn } from './learn.ts';
import type { Place, PlaceRequest } from './place.ts';
import { bestRival, type RivalName } from './rivals.ts';
import { type OnShare, openSession, type Picture, type Session, timed, turn } from './session.ts';
import { type Shown, show } from './show.ts';

/** A photo that was opened. */
export interface ShownPhoto extends Shown {
  readonly hasAlpha: boolean;
}

/** A file that was made. */
export interface EncodedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it is larger than was asked for: the smallest file that there is. */
  readonly isOver: boolean;
  readonly info: FileInfo;
  readonly ms: number;
}

/** A picture that was restored. */
export interface RestoredPicture extends Shown {
  readonly lostShare: number;
  readonly isAlphaLost: boolean;
}

/** Numbers of a comparison, and how long it took. */
export interface Judged extends ImageComparison {
  readonly ms: number;
}

/** Rates and packets, without what cannot cross. */
export type EncodeRequest = Omit<EncodeOptions, 'signal' | 'onProgress'>;

/** Codes as one picture. */
export interface ShownShelf extends Shown {
  readonly title: string;
}

/** A moment of learning. */
export interface ShownFrame extends Omit<Frame, 'learned' | 'shelves'> {
  readonly learned: Shown;
  readonly shelves: readonly ShownShelf[];
}

/** What to enlarge, and how large it is to be. */
export interface EnlargeRequest extends TargetSize {
  readonly weights: EnlargeWeights;
  /** A `.vqk` file, for what is restored of it; undefined for the photo. */
  readonly restored: Uint8Array | undefined;
}

/** What was enlarged, as a PNG file. */
export interface EnlargedFile {
  readonly png: Blob;
  readonly width: number;
  readonly height: number;
  readonly ms: number;
}

/** What was drawn, to show and as a PNG file. */
export interface ShownDrawing {
  readonly sheet: Shown;
  readonly png: Blob;
  readonly width: number;
  readonly height: number;
  readonly indices: string | undefined;
}

type OnProgress = (progress: CodecProgress) => void;

/** SSIM, where the pictures are large enough for its window. */
function ssimOf(a: Picture, b: Picture): number | undefined {
  return Math.min(a.width, a.height) < 11 ? undefined : ssim(a, b);
}

/** Makes the object that the page talks to. */
export function createEngine() {
  let session: Session | undefined;
  const open = (): Session => {
    if (session) return session;
    throw new Error('expected an engine that was started');
  };
  /** What a file restores; another worker may have restored it before. */
  const restoredOf = async (bytes: Uint8Array): Promise<Picture> => {
    const own = open();
    own.restored ??= (await own.codec.decode(bytes)).image;
    return own.restored;
  };

  return {
    /** Opens the backend and reads the weights. */
    async start(request: PlaceRequest, onShare: OnShare): Promise<Place> {
      session = await openSession(request, onShare);
      const { backend: _, lost: __, ...place } = session.place;
      return place;
    },

    /** Resolves with why, once the device is lost. */
    lost(): Promise<string> {
      return open().place.lost ?? new Promise(() => undefined);
    },

    /** Opens a photo: upright, sRGB, with alpha. */
    async openPhoto(file: Blob): Promise<ShownPhoto> {
      const { result, ms } = await timed(() => fromBrowser(file));
      const own = open();
      [own.original, own.restored] = [result, undefined];
      const hasAlpha = result.data.some((value, i) => i % 4 === 3 && value < 255);
      const shown = await show(result, ms);
      return transfer({ ...shown, hasAlpha }, [shown.bitmap]);
    },

    /** Forgets the photo: what is decoded next has no original. */
    closePhoto(): void {
      open().original = undefined;
    },

    /** Makes the best file within the limits, or, where all are larger, the smallest. */
    async encode(request: EncodeRequest, signal: AbortSignal, onProgress: OnProgress): Promise<EncodedFile> {
      await turn(signal);
      const { codec, weights, original } = open();
      const encode = (rate: EncodeRequest) => codec.encode(original!, { ...rate, signal, onProgress });
      let isOver = false;
      const { result, ms } = await timed(() =>
        encode(request).catch((error: unknown) => {
          if ((error as { code?: string }).code !== 'RATE_TOO_LOW') throw error;
          isOver = true;
          const { targetBpp: _, maxBytes: __, ...rest } = request;
          const [codebookSize] = weights.manifest.codebookSizes ?? [];
          return encode(codebookSize === undefined ? rest : { ...rest, codebookSize });
        }),
      );
      const bytes = Uint8Array.from(result);
      return transfer({ bytes, isOver, info: inspect(bytes), ms }, [bytes.buffer]);
    },

    async decode(bytes: Uint8Array, signal: AbortSignal, onProgress: OnProgress): Promise<RestoredPicture> {
      await turn(signal);
      const own = open();
      const { result, ms } = await timed(() => own.codec.decode(bytes, { signal, onProgress }));
      own.restored = result.image;
      const { lostShare, isAlphaLost } = result;
      const shown = await show(result.image, ms);
      return transfer({ ...shown, lostShare, isAlphaLost }, [shown.bitmap]);
    },

    /** What a file says about itself. */
    inspect,

    /** The restored picture against the photo, number by number, so that a signal gets in between them. */
    async compare(signal: AbortSignal): Promise<Judged | undefined> {
      const { original, restored, lpips } = open();
      if (!original || !restored) return undefined;
      const shorter = Math.min(original.width, original.height);
      const measure = async <T>(least: number, run: () => T): Promise<T | undefined> => {
        await turn(signal);
        return shorter < least ? undefined : run();
      };
      const { result, ms } = await timed(async () => ({
        psnr: psnr(original, restored),
        ssim: await measure(11, () => ssim(original, restored)),
        msSsim: await measure(161, () => msSsim(original, restored)),
        lpipsSqueeze: lpips && (await measure(17, () => lpips.measure(original, restored, { signal }))),
      }));
      return { ...result, ms };
    },

    /** What another codec makes of the photo in as many bytes. */
    async rival(name: RivalName, maxBytes: number, signal: AbortSignal) {
      const found = await bestRival(name, open().original!, maxBytes, signal);
      if (!found) return undefined;
      const shown = await show(found.picture, 0);
      return transfer({ ...found.rival, shown }, [shown.bitmap]);
    },

    /** Codes and bits of a file, in one of its planes. */
    async inside(bytes: Uint8Array, plane: number, signal: AbortSignal) {
      await turn(signal);
      const { place, ...own } = open();
      const tools = { ...own, backend: place.backend };
      const { inside, codesPicture, bitsPicture } = await lookInside(tools, bytes, plane);
      const [codes, bits] = [await show(codesPicture, 0), await show(bitsPicture, 0)];
      return transfer({ ...inside, pictures: { codes, bits } }, [codes.bitmap, bits.bitmap]);
    },

    /** A file in other packets. */
    async cut(file: Uint8Array, request: CutRequest, signal: AbortSignal) {
      await turn(signal);
      const bytes = await cutFile(open(), file, request);
      return transfer({ bytes, info: inspect(bytes) }, [bytes.buffer]);
    },

    /** Fetches what fills in lost codes, unless it is there. */
    async readyToConceal(onShare: OnShare): Promise<void> {
      await transformerOf(open(), onShare);
    },

    /** A file after losses: what is restored of it, and how good that is. */
    async damage(bytes: Uint8Array, request: DamageRequest, signal: AbortSignal) {
      await turn(signal);
      const own = open();
      own.concealBy = request.concealBy;
      const lossy = losePackets(bytes, request);
      const { result, ms } = await timed(() => own.codec.decode(lossy.bytes, { signal }));
      const { image, lostShare } = result;
      await turn(signal);
      const quality = own.original && { psnr: psnr(own.original, image), ssim: ssimOf(own.original, image) };
      const map = await drawLost(own, lossy.bytes, image);
      const [damaged, lost] = [await show(image, ms), map && (await show(map, 0))];
      const { packets, lostPackets } = lossy;
      const moved = [damaged.bitmap, ...(lost ? [lost.bitmap] : [])];
      return transfer({ damaged, lost, packets, lostPackets, lostShare, quality }, moved);
    },

    /** Learns a codebook from the photo's patches; frames come while it does. */
    async learn(request: LearnRequest, onFrame: (frame: ShownFrame) => void, signal: AbortSignal): Promise<void> {
      await turn(signal);
      const showFrame = async ({ learned, shelves, ...frame }: Frame): Promise<void> => {
        const shown = await show(learned, 0);
        const rows: ShownShelf[] = [];
        for (const { title, picture } of shelves) rows.push({ title, ...(await show(picture, 0)) });
        const all = { ...frame, learned: shown, shelves: rows };
        await onFrame(transfer(all, [shown.bitmap, ...rows.map(({ bitmap }) => bitmap)]));
      };
      await learn(open(), request, showFrame, signal);
    },

    /** Takes weights from files of the visitor's. */
    bring: (files: readonly File[]): Promise<BroughtFacts> => bring(open(), files),

    /** Fetches what enlarges, unless it is there. */
    async readyToEnlarge(weights: EnlargeWeights, onShare: OnShare): Promise<void> {
      await upscalerOf(open(), weights, onShare);
    },

    /** Enlarges a picture; parts of it come while it does. */
    async enlarge(
      { restored, weights, ...target }: EnlargeRequest,
      onPart: (part: Part) => Promise<void>,
      onShare: OnShare,
      signal: AbortSignal,
    ): Promise<EnlargedFile> {
      await turn(signal);
      const own = open();
      const picture = restored ? await restoredOf(restored) : own.original!;
      const calls = { onPart: (part: Part) => onPart(transfer(part, [part.bitmap])), onShare, signal };
      const upscaler = await upscalerOf(own, weights, () => undefined);
      const { result, ms } = await timed(() => enlarge(upscaler, picture, target, calls));
      return { ...result, ms };
    },

    /** Draws new images. */
    async draw(request: DrawRequest, onShare: OnShare, signal: AbortSignal): Promise<ShownDrawing> {
      await turn(signal);
      const drawing = () => drawSheet(open().brought.generator!, request, onShare, signal);
      const { result, ms } = await timed(drawing);
      const { sheet, ...facts } = result;
      const shown = await show(sheet, ms);
      return transfer({ ...facts, sheet: shown, png: await toBlob(sheet) }, [shown.bitmap]);
    },

    /** What a file restores as a PNG file. */
    restoredPng: async (bytes: Uint8Array): Promise<Blob> => toBlob(await restoredOf(bytes)),

    /** Bytes that the backend holds for us. */
    memory(): { readonly tensors: number; readonly bytes: number } {
      return open().place.backend.memory();
    },
  };
}

/** The engine, as the page sees it through Comlink. */
export type Engine = ReturnType<typeof createEngine>;
