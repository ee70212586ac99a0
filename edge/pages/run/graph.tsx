import { failurePort } from "#blueprints/node-scope";
import type { RunGraph } from "#edge/workflow/run-api";
import { type Box, mostEdges, place, type Placement, type Shape } from "./place.ts";
import { number, plural, statusOfTally, tallyText } from "./words.ts";

type Node = RunGraph["nodes"][number];
type Edge = RunGraph["edges"][number];
type Body = RunGraph["bodies"][number];

interface Drawn {
  readonly graph: RunGraph;
  /** Where the page shows a step, by path; undefined: it does not. */
  readonly linkTo: (path: string) => string | undefined;
}

/** Pixels; text is not measured on the server, so letters count as rather wide. */
const lines = { title: 8.2, type: 6.6, label: 6.8, height: 52 } as const;
const longest = 28;

/** The workflow as a picture, the taken way marked, and the same in words. */
export function GraphSection(drawn: Drawn) {
  const placement = place(shapeOf(drawn.graph));
  return (
    <section id="path" aria-labelledby="path-title">
      <h2 id="path-title">Path</h2>
      {placement ? (
        <div id="graph-view" class="scroll" role="region" aria-label="Graph" tabindex={0}>
          <Picture {...drawn} placement={placement} />
        </div>
      ) : (
        <p id="graph-none" class="soft">
          A workflow with more than {mostEdges} connections is not drawn; it stands here in words.
        </p>
      )}
      <details id="graph-text">
        <summary>The same in words</summary>
        <ul class="plain-list">
          {drawn.graph.edges
            .filter(({ isImplied, taken }) => !isImplied || taken > 0)
            .map((edge) => (
              <li>{wordsOf(edge)}</li>
            ))}
        </ul>
      </details>
    </section>
  );
}

function shapeOf({ nodes, edges, bodies }: RunGraph): Shape {
  return {
    nodes: nodes.map((node) => ({
      id: node.id,
      ...(node.body === undefined ? {} : { body: node.body }),
      // Room for what it may come to say, so that a live picture keeps its form.
      width: Math.max(
        120,
        Math.ceil(nameOf(node).length * lines.title) + 28,
        Math.ceil((node.type.length + 12) * lines.type) + 24,
      ),
      height: lines.height,
    })),
    edges: edges.map(({ from, to, port }) => ({
      from,
      to,
      width: portLabel(port) === "" ? 0 : Math.ceil((portLabel(port).length + 4) * lines.label),
      height: portLabel(port) === "" ? 0 : 16,
    })),
    bodies: bodies.map(({ id, outer }) => ({ id, ...(outer === undefined ? {} : { outer }) })),
  };
}

function Picture({ graph, linkTo, placement }: Drawn & { placement: Placement }) {
  const { width, height, nodes, bodies, edges } = placement;
  const size = { width: Math.ceil(width), height: Math.ceil(height) };
  return (
    <svg
      id="graph"
      class="graph"
      role="group"
      aria-labelledby="graph-title graph-desc"
      {...size}
      viewBox={`0 0 ${size.width} ${size.height}`}
    >
      <title id="graph-title">The steps of the workflow</title>
      <desc id="graph-desc">
        {plural(graph.nodes.length, "step")}; the ways that the run took are drawn bold. Below, the
        same in words.
      </desc>
      <Arrow id="arrow" />
      <Arrow id="arrow-taken" isTaken />
      {graph.bodies.map((body) => (
        <BodyBox body={body} box={bodies.get(body.id)} />
      ))}
      {graph.edges.map((edge, index) => (
        <EdgeLine edge={edge} placed={edges[index]} />
      ))}
      {graph.nodes.map((node) => (
        <NodeBox node={node} box={nodes.get(node.id)} linkTo={linkTo} />
      ))}
    </svg>
  );
}

function Arrow({ id, isTaken }: { id: string; isTaken?: boolean }) {
  return (
    <marker
      id={id}
      viewBox="0 0 10 10"
      refX="9"
      refY="5"
      markerWidth="8"
      markerHeight="8"
      markerUnits="userSpaceOnUse"
      orient="auto-start-reverse"
    >
      <path class={isTaken ? "tip taken" : "tip"} d="M 0 1 L 10 5 L 0 9 z" />
    </marker>
  );
}

/** Pixels below the nodes of a body, for its label. */
const footing = 14;

function BodyBox({ body, box }: { body: Body; box: Box | undefined }) {
  if (!box) return null;
  const { width } = box;
  const height = box.height + footing;
  const [left, top] = [box.x - width / 2, box.y - box.height / 2];
  return (
    <g class="body">
      <rect x={left} y={top} width={width} height={height} rx={12} />
      <text x={left + 10} y={top + height - 6}>
        {bodyText(body)}
      </text>
    </g>
  );
}

function bodyText({ port, passes }: Body): string {
  const { open = 0, succeeded = 0, failed = 0, cancelled = 0 } = passes;
  const total = open + succeeded + failed + cancelled;
  if (total === 0) return port;
  const rest = tallyText({ running: open, failed, cancelled });
  return `${port}: ${plural(total, "pass", "passes")}${rest ? `, ${rest}` : ""}`;
}

type Placed = Placement["edges"][number];

function EdgeLine({ edge, placed }: { edge: Edge; placed: Placed }) {
  if (!placed) return null;
  const { taken, isImplied, port } = edge;
  const label = portLabel(port);
  const kind = taken > 0 ? "edge taken" : isImplied ? "edge implied" : "edge";
  return (
    <g class={kind}>
      <path d={curve(placed.points)} marker-end={taken > 0 ? "url(#arrow-taken)" : "url(#arrow)"} />
      {label && (!isImplied || taken > 0) ? (
        <text x={placed.x} y={placed.y + 4} text-anchor="middle">
          {taken > 1 ? `${label} ×${number(taken)}` : label}
        </text>
      ) : null}
    </g>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function at({ x, y }: Point): string {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

/** Through the middles of the corners that the layout gave, so that no corner is left. */
function curve(points: readonly Point[]): string {
  const [start, ...rest] = points;
  const end = rest.at(-1);
  if (!start || !end) return "";
  const bends = rest.slice(0, -1).map((bend, index) => {
    const next = rest[index + 1] ?? end;
    const isLast = index === rest.length - 2;
    const to = isLast ? next : { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 };
    return `Q ${at(bend)} ${at(to)}`;
  });
  return `M ${at(start)} ${bends.length > 0 ? bends.join(" ") : `L ${at(end)}`}`;
}

function NodeBox({
  node,
  box,
  linkTo,
}: { node: Node; box: Box | undefined } & Pick<Drawn, "linkTo">) {
  if (!box) return null;
  const { x, y, width, height } = box;
  const status = statusOfTally(node.tally);
  const says = tallyText(node.tally).replace(/^1 (\w+)$/, "$1");
  const many = status !== undefined && /\d/.test(says);
  const href = node.step === undefined ? undefined : linkTo(node.step);
  const end = node.ends.length > 0 ? `, left by ${node.ends.join(", ")}` : "";
  const words = `${nameOf(node)}, ${node.type}: ${says || "not reached"}${end}`;
  const inside = (
    <>
      <title>{words}</title>
      <rect x={x - width / 2} y={y - height / 2} width={width} height={height} rx={10} />
      <text class="name" x={x} y={y - 4} text-anchor="middle">
        {nameOf(node)}
      </text>
      <text class="type" x={x} y={y + 15} text-anchor="middle">
        {many ? short(says, 26) : status ? `${short(node.type, 20)} · ${says}` : node.type}
      </text>
      {end ? (
        <text class="end" x={x - width / 2 + 2} y={y + height / 2 + 14}>
          {`→ ${short(node.ends.join(", "), 24)}`}
        </text>
      ) : null}
    </>
  );
  const kind = `node ${status ?? "untouched"}`;
  if (href === undefined) return <g class={kind}>{inside}</g>;
  return (
    <a id={`node-${node.id}`} class={kind} href={href} aria-label={words}>
      {inside}
    </a>
  );
}

function nameOf({ id, title }: Node): string {
  return short(title ?? id, longest);
}

function short(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** `next` is what everybody expects. */
function portLabel(port: string): string {
  if (port === "next") return "";
  return port === failurePort ? "on error" : short(port, 24);
}

function wordsOf({ from, to, port, taken }: Edge): string {
  const label = portLabel(port);
  const way = label ? `${from}, ${label} → ${to}` : `${from} → ${to}`;
  if (taken === 0) return `${way}: not taken`;
  return taken === 1 ? `${way}: taken` : `${way}: taken ${number(taken)} times`;
}
