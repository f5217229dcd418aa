import { themeStyle } from '../svg/palette';

/** The style of a report. Colours are custom properties, as those of the pictures in it; print uses light. */
export const STYLE = `${themeStyle(':root')}
*{box-sizing:border-box}
body{margin:0;background:var(--surface);color:var(--ink);font:14px/1.5 ui-sans-serif,system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1040px;margin:0 auto;padding:24px 20px 48px}
.skip{position:absolute;left:-9999px}.skip:focus{left:20px;top:8px;background:var(--surface);padding:4px 8px}
:focus-visible{outline:3px solid var(--new);outline-offset:2px}
header{display:flex;gap:14px;padding:2px 0 2px 16px;border-left:6px solid var(--edge)}
header svg{flex:none;margin-top:2px}
h1{font-size:22px;line-height:1.3;margin:0}header p{margin:4px 0 0;color:var(--muted)}
h2{font-size:17px;margin:36px 0 8px}h3{font-size:14px;margin:24px 0 6px}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:16px;margin:24px 0;padding:0}
.numbers div{border-top:2px solid var(--ink);padding-top:6px}
.numbers dd{margin:0;font-size:21px;font-weight:650}.numbers dt{font-weight:650}
.numbers .alarm dd{color:var(--alarm)}.numbers .ok dd{color:var(--ok-text)}.numbers .warning dd{color:var(--warning-text)}
.numbers div{display:flex;flex-direction:column}.numbers dd{order:-1}
.numbers dd.note{order:1;margin:2px 0 0;font-size:12px;font-weight:400;color:var(--muted)}
.reason{background:var(--band);border-radius:4px;padding:10px 16px;margin:0 0 24px}.reason p{margin:4px 0;overflow-wrap:anywhere}
figure{margin:0 0 8px}figure svg{display:block;width:100%;height:auto;min-width:700px}figcaption,.note{font-size:12px;color:var(--muted);margin:4px 0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:left;padding:6px 10px 6px 0;border-bottom:1px solid var(--hairline);vertical-align:top}
thead th{font-size:12px;font-weight:600;color:var(--muted)}tbody th{font-weight:600}
.number{text-align:right;white-space:nowrap;padding-left:8px}.word{white-space:nowrap}tbody th.number{font-weight:400}td{overflow-wrap:anywhere}
tr.failed>*{color:var(--alarm);font-weight:650}
details{margin:20px 0}summary{font-weight:650;cursor:pointer;min-height:24px}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:12px/1.5 ui-monospace,Menlo,Consolas,monospace;margin:8px 0}
footer{margin-top:40px;color:var(--muted);font-size:12px}
@media print{details>*{display:block}.skip{display:none}main{max-width:none}summary{list-style:none}}
`;
