// What a process costs that does nothing else.
console.log(0);
