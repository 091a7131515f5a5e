package native

func makeTrouble() {}
