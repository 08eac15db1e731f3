"""How the pages of the site look beyond what every page of ours has: cards, badges, filters, tables that stack."""

from __future__ import annotations

STYLE = """
[hidden]{display:none!important}
header{margin-bottom:1.2rem}
header h1{font-size:clamp(1.6rem,4vw,2.2rem);letter-spacing:-.01em}
.lead{font-size:1.1rem;max-width:46rem}
.badges{display:flex;flex-wrap:wrap;gap:.3rem .4rem;list-style:none;margin:.4rem 0;padding:0}
.badge{border:1px solid var(--line);border-radius:1rem;background:var(--box);padding:0 .65em;font-size:.85rem}
.badge.is-production{color:var(--pass);border-color:currentColor}
.badge.is-beta,.badge.is-experimental{color:var(--warn);border-color:currentColor}
.badge.is-deprecated{color:var(--fail);border-color:currentColor}
.note{border-left:4px solid var(--warn);background:var(--box);padding:.5rem .8rem;margin:.6rem 0;max-width:46rem}
.filters{display:flex;flex-wrap:wrap;align-items:end;gap:.6rem 1rem;border:1px solid var(--line);border-radius:.5rem;
background:var(--box);padding:.8rem 1rem;margin:0 0 1rem}
.filters p{margin:0}
.filters .search{flex:1 1 14rem}
.filters label{display:block;font-size:.85rem;color:var(--soft)}
.filters .box label{display:flex;gap:.4rem;align-items:center;font-size:1rem;color:var(--ink);min-height:2.5rem}
.filters input[type=search],.filters select,.filters button{width:100%;min-height:2.5rem;font:inherit;
color:var(--ink);background:var(--paper);border:1px solid var(--soft);border-radius:.35rem;padding:.3rem .6rem}
.filters input[type=checkbox]{width:1.2rem;height:1.2rem;margin:0;accent-color:var(--link)}
.filters button{cursor:pointer}
.filters button:disabled{color:var(--soft);border-color:var(--line);cursor:default}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1rem;list-style:none;
margin:.6rem 0 2rem;padding:0}
.cards article{height:100%;display:flex;flex-direction:column;border:1px solid var(--line);border-radius:.5rem;
padding:.9rem 1rem}
.cards li:hover article,.cards li:focus-within article{border-color:var(--link)}
.cards h2{border:0;margin:0;padding:0;font-size:1.2rem}
.cards dl{margin:0;font-size:.92rem;grid-template-columns:5.5rem minmax(0,1fr)}
.description{margin:.2rem 0 .8rem}
.verdict{font-size:1.1rem;margin:.4rem 0}
.contents ul{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;margin:.8rem 0;padding:0}
.facts th[scope=row],.stacks .soft{color:var(--soft)}
.facts th[scope=row]{width:40%}
@media (min-width:52.01rem){.stacks{table-layout:fixed}
.stacks th:nth-child(1){width:19%}.stacks th:nth-child(2){width:12%}.stacks th:nth-child(3){width:13%}
.stacks th:nth-child(4){width:23%}}
.shell code{display:block;padding-left:2ch;text-indent:-2ch}
.found{padding-left:0;list-style:none}.found li{margin:.4rem 0}
footer{border-top:1px solid var(--line);margin-top:3rem}
@media (max-width:36rem){.cards dl{grid-template-columns:5.5rem minmax(0,1fr)}
.filters .search{flex-basis:100%}
.filters p{flex:1 1 40%}}
@media (max-width:52rem){
.stacks,.stacks tbody,.stacks tr,.stacks th,.stacks td{display:block;width:100%}
.stacks thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.stacks tr{border:1px solid var(--line);border-radius:.5rem;padding:.5rem .8rem;margin:.6rem 0}
.stacks th[scope=row]{border:0;padding:0 0 .3rem}
.stacks td{border:0;padding:.1rem 0;display:grid;grid-template-columns:5.5rem minmax(0,1fr);gap:.4rem}
.stacks td::before{content:attr(data-label);color:var(--soft)}
}
@media print{.filters{display:none}.cards{display:block}.cards article{break-inside:avoid;margin-bottom:.6rem}
.cards a{color:inherit;text-decoration:none}pre{break-inside:avoid}}
"""
