// Copies a panel as a picture: draws what is seen of it (boxes, texts, lines, canvases) onto a canvas of the screen's own resolution, and
// puts that on the clipboard, or into a file where pages may not. Loaded when it is first asked for. It draws what this page is made
// of, and is no browser: what only ornaments (shadows, marks before texts) is left out.

/** What is not of the panel, but done with it. */
const LEFT_OUT = '.panel-tools, .unseen, option, script';
const PADDING = 12;

/** A colour as canvases understand it: a variable may hold one that only style sheets do. */
const colourOf = (probe, value) => {
  probe.style.color = '';
  probe.style.color = value;
  return getComputedStyle(probe).color;
};

const isSeen = (colour) => !/^(transparent|rgba\(.*, 0\)|.*\/ 0\))$/.test(colour);

const fontOf = ({ fontStyle, fontWeight, fontSize, fontFamily }) => `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;

/** A ground that is no single colour: a bar that is partly full, or the hatching of an absence. */
const drawGradient = (brush, element, style, { left, top, width, height }, probe) => {
  const ink = colourOf(probe, style.getPropertyValue('--ink'));
  brush.save();
  brush.beginPath();
  brush.rect(left, top, width, height);
  brush.clip();
  const part = Number.parseFloat(element.style.getPropertyValue('--part'));
  if (Number.isFinite(part)) {
    brush.fillStyle = ink;
    const full = width * Math.min(part, 1);
    brush.fillRect(style.backgroundPosition.startsWith('100%') ? left + width - full : left, top, full, height);
  } else {
    Object.assign(brush, { strokeStyle: ink, lineWidth: 2, globalAlpha: brush.globalAlpha * 0.3 });
    brush.beginPath();
    for (let x = left - height; x < left + width; x += 11) {
      brush.moveTo(x, top + height);
      brush.lineTo(x + height, top);
    }
    brush.stroke();
  }
  brush.restore();
};

const drawBox = (brush, element, style, box, probe) => {
  const { left, top, width, height } = box;
  if (width === 0 || height === 0) return;
  const radius = Math.min(Number.parseFloat(style.borderTopLeftRadius) || 0, width / 2, height / 2);
  if (isSeen(style.backgroundColor)) {
    brush.fillStyle = style.backgroundColor;
    brush.beginPath();
    brush.roundRect(left, top, width, height, style.borderTopLeftRadius.endsWith('%') ? Math.min(width, height) / 2 : radius);
    brush.fill();
  }
  if (style.backgroundImage.includes('gradient')) drawGradient(brush, element, style, box, probe);
  const sides = [
    ['Top', left, top, left + width, top],
    ['Right', left + width, top, left + width, top + height],
    ['Bottom', left, top + height, left + width, top + height],
    ['Left', left, top, left, top + height],
  ].filter(([side]) => Number.parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== 'none');
  const isEven = sides.length === 4 && sides.every(([side]) => style[`border${side}Color`] === style.borderTopColor);
  for (const [side, x1, y1, x2, y2] of sides) {
    brush.lineWidth = Number.parseFloat(style[`border${side}Width`]);
    brush.strokeStyle = style[`border${side}Color`];
    brush.setLineDash(style[`border${side}Style`] === 'dashed' ? [4, 3] : []);
    brush.beginPath();
    if (isEven) brush.roundRect(left + brush.lineWidth / 2, top + brush.lineWidth / 2, width - brush.lineWidth, height - brush.lineWidth, radius);
    else {
      brush.moveTo(x1, y1);
      brush.lineTo(x2, y2);
    }
    brush.stroke();
    if (isEven) break;
  }
  brush.setLineDash([]);
};

/** Word by word, each where the browser has put it. */
const drawText = (brush, node, style) => {
  brush.font = fontOf(style);
  brush.fillStyle = style.color;
  const range = document.createRange();
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const { left, top, width, height } = range.getBoundingClientRect();
    if (width === 0) continue;
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = brush.measureText(word);
    const base = top + (height - up - down) / 2 + up;
    brush.fillText(word, left, base);
    if (style.textDecorationLine.includes('underline')) brush.fillRect(left, base + 2, width, 1);
  }
};

const pathOf = (shape) => {
  const of = (name) => shape[name].baseVal.value;
  const path = new Path2D(shape.tagName === 'path' ? shape.getAttribute('d') : undefined);
  if (shape.tagName === 'rect') path.roundRect(of('x'), of('y'), of('width'), of('height'), of('rx'));
  if (shape.tagName === 'circle') path.arc(of('cx'), of('cy'), of('r'), 0, 2 * Math.PI);
  if (shape.points) {
    for (const { x, y } of shape.points) path.lineTo(x, y);
    if (shape.tagName === 'polygon') path.closePath();
  }
  return path;
};

const drawShape = (brush, shape, style) => {
  const matrix = shape.getScreenCTM();
  const path = new Path2D();
  path.addPath(pathOf(shape), matrix);
  if (style.fill !== 'none') {
    brush.fillStyle = style.fill;
    brush.fill(path);
  }
  if (style.stroke !== 'none') {
    const scale = style.vectorEffect === 'non-scaling-stroke' ? 1 : Math.sqrt(Math.abs(matrix.a * matrix.d - matrix.b * matrix.c));
    Object.assign(brush, { strokeStyle: style.stroke, lineWidth: Number.parseFloat(style.strokeWidth) * scale, lineCap: style.strokeLinecap, lineJoin: style.strokeLinejoin });
    brush.setLineDash(style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(/[ ,]+/).map(Number.parseFloat));
    brush.stroke(path);
    brush.setLineDash([]);
    brush.lineCap = 'butt';
  }
};

const draw = (brush, element, probe) => {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden' || element.matches(LEFT_OUT)) return;
  const box = element.getBoundingClientRect();
  brush.save();
  brush.globalAlpha *= Number(style.opacity);
  if (element instanceof SVGGeometryElement) drawShape(brush, element, style);
  else if (!(element instanceof SVGElement)) drawBox(brush, element, style, box, probe);
  if (element instanceof HTMLCanvasElement && element.width > 0) brush.drawImage(element, box.left, box.top, box.width, box.height);
  if (element instanceof HTMLSelectElement) {
    Object.assign(brush, { font: fontOf(style), fillStyle: style.color, textBaseline: 'middle' });
    brush.fillText(element.selectedOptions[0]?.text ?? '', box.left + Number.parseFloat(style.paddingLeft), box.top + box.height / 2);
    brush.textBaseline = 'alphabetic';
  }
  if (style.overflowX !== 'visible' && style.overflowX !== '') {
    brush.beginPath();
    brush.rect(box.left, box.top, box.width, box.height);
    brush.clip();
  }
  for (const node of element.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) drawText(brush, node, style);
    else if (node.nodeType === Node.ELEMENT_NODE) draw(brush, node, probe);
  }
  brush.restore();
};

/** What is seen of an element, as a PNG. */
const pictureOf = (element) => {
  const { left, top, width, height } = element.getBoundingClientRect();
  const canvas = document.createElement('canvas');
  const scale = window.devicePixelRatio;
  canvas.width = Math.ceil((width + 2 * PADDING) * scale);
  canvas.height = Math.ceil((height + 2 * PADDING) * scale);
  const brush = canvas.getContext('2d');
  brush.fillStyle = getComputedStyle(document.body).backgroundColor;
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.setTransform(scale, 0, 0, scale, (PADDING - left) * scale, (PADDING - top) * scale);
  const probe = document.createElement('span');
  element.append(probe);
  draw(brush, element, probe);
  probe.remove();
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/png'));
};

const give = (blob, name) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

/** Copies the picture of a panel, or gives it as a file of this name. Returns what there is to say of it. */
export const copyPicture = async ({ panel, name }) => {
  const blob = pictureOf(document.querySelector(`[data-panel="${panel}"]`));
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
    return 'The picture is on the clipboard.';
  } catch {
    give(await blob, name);
    return `The clipboard cannot be reached: the picture is in the file ${name}.`;
  }
};
