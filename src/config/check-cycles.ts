import type { ParsedText } from './document.ts';
import type { Mistake } from './mistake.ts';
import type { RawStage } from './raw.ts';

/** Each circle of stages that wait for each other, once, with the line of every stage in it. */
export function checkCycles(stages: readonly RawStage[], text: ParsedText): readonly Mistake[] {
  return circlesIn(graphOf(stages)).map((circle) => {
    const members = circle.map((id) => stages.find((stage) => stage.id === id)).filter((stage) => stage !== undefined);
    const named = [...members, ...members.slice(0, 1)].map(
      (stage) => `${stage.id} (line ${text.valueAt(stage.idPath).line ?? '?'})`,
    );
    const message =
      members.length === 1
        ? `the stage "${circle[0]}" waits for itself`
        : `stages wait for each other: ${named.join(' → ')}`;
    return { code: 'E_CONFIG_CYCLE', message, at: text.valueAt([...(members[0]?.path ?? []), 'depends_on']) };
  });
}

/** Stages of one name, which is a mistake of its own, are one here. */
function graphOf(stages: readonly RawStage[]): ReadonlyMap<string, readonly string[]> {
  const graph = new Map<string, readonly string[]>();
  for (const { id, dependsOn } of stages) graph.set(id, [...(graph.get(id) ?? []), ...dependsOn]);
  return graph;
}

/** Without recursion, because a file may name thousands of stages in a row. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const done = new Set<string>();
  const circles: string[][] = [];
  for (const start of graph.keys()) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const stack: { id: string; next: number }[] = done.has(start) ? [] : [{ id: start, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1);
      if (top === undefined) break;
      if (top.next === 0) enter(top.id);
      const neighbour = graph.get(top.id)?.[top.next];
      top.next += 1;
      if (neighbour === undefined) leave(top.id);
      else if (onPath.has(neighbour)) circles.push(path.slice(path.indexOf(neighbour)));
      else if (graph.has(neighbour) && !done.has(neighbour)) stack.push({ id: neighbour, next: 0 });
    }

    function enter(id: string): void {
      path.push(id);
      onPath.add(id);
    }

    function leave(id: string): void {
      stack.pop();
      path.pop();
      onPath.delete(id);
      done.add(id);
    }
  }
  return circles;
}
