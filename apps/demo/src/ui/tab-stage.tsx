/** The stage with the pictures of the part that is in front. */
import { bytesText } from '../format.ts';
import { file, opened } from '../state/photo.ts';
import { pictures } from '../state/pictures.ts';
import { Stage } from './stage.tsx';

/** Pictures and words, by what is in front. */
export function TabStage() {
  const { original, restored } = pictures.value;
  const size = file.value ? `vqkit, ${bytesText(file.value.bytes.length)}` : 'vqkit';
  if (!opened.value?.isPhoto) return <Stage left={{ picture: restored, label: size }} />;
  return <Stage left={{ picture: original, label: 'Original' }} right={{ picture: restored, label: size }} />;
}
