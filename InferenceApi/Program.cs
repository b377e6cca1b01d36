Console.WriteLine("InferenceApi");
