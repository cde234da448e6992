package example.mall.goods;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;

/** What can be bought: read once from the file that the shop's people keep. */
@Component
public class Catalogue {

    private final List<Goods> goods;

    public Catalogue(@Value("${goods.catalogue}") Resource file, ObjectMapper mapper) throws IOException {
        try (InputStream input = file.getInputStream()) {
            this.goods = List.copyOf(mapper.readValue(input, new TypeReference<List<Goods>>() { }));
        }
    }

    public List<Goods> all() {
        return goods;
    }

    public Optional<Goods> find(long id) {
        return goods.stream().filter(candidate -> candidate.id() == id).findFirst();
    }
}
