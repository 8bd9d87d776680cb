import{a as p}from"./part.KYWM6URL.js";var a=p((l,e)=>{e.exports=globalThis.jupyterMpexecShared["@jupyterlab/apputils"]});export{a};
