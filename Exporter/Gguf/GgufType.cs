namespace Factory.Exporter.Gguf;

/// <summary>Element types of GGUF tensors, numbered as in the format.</summary>
internal enum GgufType
{
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q8_0 = 8,
}
