"""A trained project as an ONNX model, with a program that uses it."""
