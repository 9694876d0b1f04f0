/** Small figures that tell states apart without colour: how full, how far back, how bad. */
export type GlyphName =
  | "dashed"
  | "ring"
  | "half"
  | "full"
  | "back-half"
  | "back"
  | "struck"
  | "cross"
  | "twice"
  | "bar-1"
  | "bar-2"
  | "bar-3"
  | "bar-4";

const RING = { cx: 6, cy: 6, r: 4.6, fill: "none", stroke: "currentColor", strokeWidth: 1.4 } as const;
const BARS = [2, 4.7, 7.4, 10.1] as const;

export function Glyph({ name }: { name: GlyphName }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      {figure(name)}
    </svg>
  );
}

function figure(name: GlyphName) {
  switch (name) {
    case "dashed":
      return <circle {...RING} strokeDasharray="2 1.9" />;
    case "ring":
      return <circle {...RING} />;
    case "half":
      return (
        <>
          <circle {...RING} />
          <path d="M6 1.4a4.6 4.6 0 0 1 0 9.2z" fill="currentColor" />
        </>
      );
    case "full":
      return <circle cx="6" cy="6" r="5.2" fill="currentColor" />;
    case "back-half":
      return (
        <>
          <path d="M6 1.4a4.6 4.6 0 0 0 0 9.2z" fill="currentColor" />
          <circle {...RING} />
        </>
      );
    case "back":
      return <path d="M2 6.2h6.6a2 2 0 0 1 0 4H6M4.6 3.2 1.8 6.2l2.8 2.8" {...STROKE} />;
    case "struck":
      return (
        <>
          <circle {...RING} />
          <path d="M2.8 9.2 9.2 2.8" {...STROKE} />
        </>
      );
    case "cross":
      return <path d="m2.4 2.4 7.2 7.2m0-7.2L2.4 9.6" {...STROKE} strokeWidth={1.7} />;
    case "twice":
      return <path d="M1.6 4h6.4v6.4H1.6zM4 4V1.6h6.4V8H8" {...STROKE} />;
    default: {
      const lit = Number(name.slice(-1));
      return BARS.map((x, index) => (
        <rect
          key={x}
          x={x - 1.6}
          y={8.4 - index * 2}
          width="1.9"
          height={2.6 + index * 2}
          rx="0.5"
          fill="currentColor"
          opacity={index < lit ? 1 : 0.25}
        />
      ));
    }
  }
}

const STROKE = {
  fill: "none",
  stroke: "currentColor",
  strokeWidth: 1.4,
  strokeLinecap: "round",
  strokeLinejoin: "round",
} as const;
