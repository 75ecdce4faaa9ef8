/** A part of the plane, and how many steps tell there whether a point belongs to the set. */
export interface Place {
  name: string;
  x: number;
  y: number;
  /** Width of the picture on the plane. */
  span: number;
  steps: number;
  /** How many waves of colour there are. */
  waves: number;
}

export const PLACES = {
  everything: { name: 'Everything', x: -0.7, y: 0, span: 3.6, steps: 400, waves: 1.6 },
  seahorses: { name: 'Seahorse valley', x: -0.7453, y: 0.1127, span: 0.0065, steps: 1500, waves: 1.1 },
  elephants: { name: 'Elephant valley', x: 0.2835, y: 0.0118, span: 0.02, steps: 1500, waves: 1.1 },
  spirals: { name: 'Double spiral', x: -0.743643887, y: 0.131825904, span: 0.000032, steps: 3000, waves: 0.9 },
  island: { name: 'An island far out', x: -1.7687788, y: 0.0017389, span: 0.00022, steps: 1500, waves: 1 },
} as const satisfies Record<string, Place>;

/** Dark, middle, bright. */
export const INKS = {
  midnight: ['#050714', '#1d4f91', '#f2c14e', '#fffdf2'],
  celery: ['#08130a', '#2f6b2a', '#b5d869', '#fbfff0'],
  ember: ['#0d0508', '#8c1c2b', '#f08a24', '#fff6dc'],
} as const;

/** How many points of the plane each point of the picture is mixed of, along each side. */
export const DETAILS = { sketch: 1, fine: 3, finest: 10 } as const;

export const WIDTH = 960;
export const HEIGHT = 640;

const FAR_AWAY = 256;

/** @returns the brightness, 0 to 255, of each point of one row of the picture */
export function paintRow(place: Place, row: number, detail: number): Uint8Array {
  const step = place.span / (WIDTH * detail);
  const left = place.x - place.span / 2;
  const top = place.y - (place.span * HEIGHT) / WIDTH / 2;
  return Uint8Array.from({ length: WIDTH }, (_, column) => {
    let sum = 0;
    for (let part = 0; part < detail * detail; part += 1) {
      const x = left + (column * detail + (part % detail)) * step;
      const y = top + (row * detail + Math.floor(part / detail)) * step;
      sum += brightness(x, y, place);
    }
    return sum / (detail * detail);
  });
}

/** Of one point: 0 in the set; outside, waves that follow how soon it leaves. */
function brightness(x: number, y: number, { steps, waves }: Place): number {
  let [real, imaginary] = [x, y];
  for (let step = 0; step < steps; step += 1) {
    const [realSquare, imaginarySquare] = [real * real, imaginary * imaginary];
    const distance = realSquare + imaginarySquare;
    if (distance > FAR_AWAY) {
      const left = step + 2 - Math.log2(Math.log2(distance));
      return 1 + 127 * (1 - Math.cos(waves * Math.log(left) * Math.PI));
    }
    imaginary = 2 * real * imaginary + y;
    real = realSquare - imaginarySquare + x;
  }
  return 0;
}
