/** Photos to try: four of the Kodak images, which are released for unrestricted use. */
import barn from '../samples/barn.jpg';
import barnSmall from '../samples/barn-small.webp';
import lighthouse from '../samples/lighthouse.jpg';
import lighthouseSmall from '../samples/lighthouse-small.webp';
import parrots from '../samples/parrots.jpg';
import parrotsSmall from '../samples/parrots-small.webp';
import window from '../samples/window.jpg';
import windowSmall from '../samples/window-small.webp';

/** Title, file, and a small picture of it. */
export const samples = [
  { title: 'Parrots', photo: parrots, small: parrotsSmall },
  { title: 'Barn', photo: barn, small: barnSmall },
  { title: 'Lighthouse', photo: lighthouse, small: lighthouseSmall },
  { title: 'Window', photo: window, small: windowSmall },
] as const;
