import type { SceneEdge } from './scene';

const TIP_LENGTH = 7;
const TIP_WIDTH = 3.2;

/** Write an arrow's line as SVG path data. */
export function linePath(edge: Pick<SceneEdge, 'points'>): string {
  const [start, ...rest] = edge.points;
  const steps = [`M${start[0]} ${start[1]}`];
  for (let i = 0; i + 2 < rest.length; i += 3) {
    steps.push(
      `C${rest
        .slice(i, i + 3)
        .flat()
        .join(' ')}`,
    );
  }
  return steps.join('');
}

/** Draw an arrow head that ends where the line does, in the direction in which it arrives. */
export function tipPath(edge: Pick<SceneEdge, 'points'>): string {
  const [x, y] = edge.points[edge.points.length - 1];
  const before = [...edge.points].reverse().find(point => Math.hypot(x - point[0], y - point[1]) > 0.5);
  const [fromX, fromY] = before ?? [x - 1, y];
  const length = Math.hypot(x - fromX, y - fromY);
  const [ux, uy] = [(x - fromX) / length, (y - fromY) / length];
  const [backX, backY] = [x - TIP_LENGTH * ux, y - TIP_LENGTH * uy];
  const corner = (side: number): string =>
    `${(backX - side * TIP_WIDTH * uy).toFixed(1)} ${(backY + side * TIP_WIDTH * ux).toFixed(1)}`;
  return `M${x} ${y}L${corner(1)}L${corner(-1)}Z`;
}
