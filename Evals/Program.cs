Console.WriteLine("Evals");
