import{a as i}from"./part.KYWM6URL.js";var l=i((o,e)=>{e.exports=globalThis.jupyterMpexecShared["@lumino/widgets"]});export{l as a};
